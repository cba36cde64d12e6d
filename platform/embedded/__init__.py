"""The embedded stack: the real parts of Slipway on one machine, without containers or root."""
