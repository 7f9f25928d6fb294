/**
 * What every package needs that answers over HTTP: problem details, reading of bodies, authentication of callers. Who
 * may see what is not decided here.
 */
package dev.anchorhold.platform.web;
