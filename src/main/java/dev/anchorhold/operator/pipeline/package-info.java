/**
 * What every kind's reconcile is made of: the loop of observe, decide, act and record; needs and plans; conditions, the one
 * writer of status, Kubernetes events; admission by account and quota; the base of all executors. Knows no kind.
 */
package dev.anchorhold.operator.pipeline;
