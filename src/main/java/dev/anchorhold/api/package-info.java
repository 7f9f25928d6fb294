/**
 * What people and their programs read of the books, under {@code /api}: thin resources that look who asks ({@code CallerAccess}), read
 * what was asked with care ({@code QueryParameters}), and hand out what the ledger says. No rules of billing here. {@code OpenApiDocumentFilter} makes
 * the OpenAPI document of it.
 */
package dev.anchorhold.api;
