"""What editors write, as everyone reads it: news, events with a calendar, resources, and the page about the campaign."""
