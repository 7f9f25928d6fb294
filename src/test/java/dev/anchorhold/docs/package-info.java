/** Holds the documentation to the code: links lead somewhere, every reason is explained. Reads files, nothing else. */
package dev.anchorhold.docs;
