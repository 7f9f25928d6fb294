/**
 * The HTTP API under {@code /api}, by which people and their programs read the books: thin resources that check what the caller
 * may see ({@code CallerAccess}), validate parameters ({@code QueryParameters}), and return what the ledger has. No rules of
 * billing here. {@code OpenApiDocumentFilter} completes the OpenAPI document of it.
 */
package dev.anchorhold.api;
