"""Writing in the browser: entry files made from a form, and changed by it."""
