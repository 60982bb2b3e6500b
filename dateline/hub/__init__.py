"""The publication's own hub (WebSub): who subscribes, and what subscribers are sent."""
