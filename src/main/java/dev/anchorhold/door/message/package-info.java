/**
 * The messages between the operator and the door, as JSON: deposits and settings in one direction, what is known of guests in
 * the other. Records that check themselves; their {@code toString} shows no secret. Imports nothing of ours but {@code
 * platform}.
 */
package dev.anchorhold.door.message;
