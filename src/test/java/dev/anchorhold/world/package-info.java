/**
 * The local world: everything around the product, real and on 127.0.0.1, for tests and for {@code ./dev up}. A class for each part ({@link
 * dev.anchorhold.world.ControlPlane}, {@link dev.anchorhold.world.Chart}, {@link dev.anchorhold.world.OperatorProcess}, …),
 * used alike by both; {@link dev.anchorhold.world.World} starts and stops them, and {@link dev.anchorhold.world.Dev} is what
 * {@code ./dev} runs.
 *
 * <p>It may use the simulators and nothing of the product but its built artefact: the operator runs as a process of its own,
 * known by its kubeconfig and its HTTP port. It never ships.
 */
package dev.anchorhold.world;
