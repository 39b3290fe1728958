"""One file a library: the smallest honest use of its own interface, with the settings it comes with unless told."""
