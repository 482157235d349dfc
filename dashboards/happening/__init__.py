"""An event, or a whole day: how many people were there before, during and after it, and how that compares."""
