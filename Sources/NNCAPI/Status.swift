// C entry points.
