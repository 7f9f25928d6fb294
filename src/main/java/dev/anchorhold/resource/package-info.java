/**
 * The custom resources of {@code anchorhold.dev/v1alpha1} as Java types: spec, status, conditions and their reasons. Data
 * and nothing else: no I/O, no rules but the validation that the API server carries out. The files under {@code crds/} and
 * the reference under {@code docs/} are generated from here.
 */
package dev.anchorhold.resource;
