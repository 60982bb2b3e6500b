"""The connections of web workers: draining, and closing those of slow clients."""
