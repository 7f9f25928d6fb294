package dev.anchorhold.cloud;

import java.util.List;

/** A page of a list; {@code next} is the number of the following one, 0 on the last; {@code total} counts all pages' items, -1 if untold. */
public record CloudPage<T>(List<T> items, int next, int total) {}
