/**
 * What every room needs that answers over HTTP: problem details, bodies that are read with care, and who the caller is. Who may
 * see what is not decided here.
 */
package dev.anchorhold.platform.web;
