/**
 * The product's container image: described once, in {@link dev.anchorhold.image.ContainerImage}, for all roles, and built with no
 * Docker by {@code ./dev image} ({@link dev.anchorhold.image.ImageBuild}). It uses the packaged product and nothing else of it, and never ships.
 */
package dev.anchorhold.image;
