/**
 * The pipeline that every kind shares: observe, decide, act, record; what is known of each cloud; setbacks and their
 * back-off; the one writer of status; events. A package a kind stands below. Knows the clouds, never the database.
 */
package dev.anchorhold.operator;
