/**
 * The books: periods, usage, prices and statements, derived from the log (docs/books.md). Periods and usage are a fold of {@code
 * ledger.event}, which belongs to {@code ledger.log}: this package reads it and writes its own tables alone, never the log's.
 * {@link dev.anchorhold.ledger.books.BooksProjection} is the way in.
 */
package dev.anchorhold.ledger.books;
