"""An entry on somebody else's page: oEmbed tells how, the frame shows it without a script."""
