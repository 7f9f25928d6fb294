/**
 * What both clouds share: typed errors, the rate budget of a credential, the labels that say whose an object is, and the three
 * answers that an inventory can give (seen, absent, unknown). Plain Java; may import nothing of ours but {@code platform}.
 */
package dev.anchorhold.cloud;
