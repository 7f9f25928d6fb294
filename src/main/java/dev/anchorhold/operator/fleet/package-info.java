/**
 * All objects of our kinds, from the controllers' informer caches, with the indices by which a reconciler finds those that
 * concern it, and the events by which one kind's reconciler enqueues another's. Reads Kubernetes' caches, calls no cloud.
 */
package dev.anchorhold.operator.fleet;
