"""How edgekit talks to devices: one file a link."""
