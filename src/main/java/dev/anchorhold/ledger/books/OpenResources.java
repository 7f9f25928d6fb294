package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.OpenResource;
import dev.anchorhold.ledger.event.OpenResourcePage;
import dev.anchorhold.platform.Database;
import java.sql.SQLException;
import java.util.List;

/** Lists the resources that have an open period: what costs somebody money now, as far as the books know. */
public final class OpenResources {
    private final BooksProjection projection;

    public OpenResources(BooksProjection projection) {
        this.projection = projection;
    }

    /** @param after the UID of the last one that was read, or the first of all UIDs */
    public OpenResourcePage page(String after, int limit) {
        List<OpenResource> found = projection.read(it -> it.all(OpenResources::resource, """
                SELECT DISTINCT ON (resource) resource, kind, namespace, name, account, started_at
                FROM ledger.period JOIN ledger.resource USING (resource)
                WHERE ended_at IS NULL AND resource > ?::uuid ORDER BY resource LIMIT ?
                """, after, limit));
        return new OpenResourcePage(found, found.size() < limit);
    }

    private static OpenResource resource(Database.Row row) throws SQLException {
        return new OpenResource(
                Kind.valueOf(row.text("kind")),
                row.text("resource"),
                row.text("namespace"),
                row.text("name"),
                row.text("account"),
                row.instant("started_at"));
    }
}
