/**
 * What people and their programs read of the books, under {@code /api}: thin resources that look who asks ({@code Visit}), read
 * what was asked with care ({@code Asked}), and hand out what the ledger says. No rules of billing here. {@code Description} makes
 * the OpenAPI document of it.
 */
package dev.anchorhold.api;
