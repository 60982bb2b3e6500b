"""Notices: WebSub pings, alarms, and problem files beside entries."""
