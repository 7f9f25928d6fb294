/**
 * What both clouds share: the transport that makes each call once, typed errors, the rate budget of a credential, the
 * marks that say whose an object is, and the informers and inventories of objects, with the three answers that an
 * inventory can give (seen, absent, unknown). Plain Java; may import nothing of ours but {@code platform}.
 */
package dev.anchorhold.cloud;
