package dev.anchorhold.cloud.hetzner;

import java.util.List;

/** A page of a list; {@code next} is the number of the following one, 0 on the last. */
public record Page<T>(List<T> items, int next) {}
