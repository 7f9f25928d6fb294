package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.JsonMappers;
import java.sql.SQLException;

/** How rows of the books are read, and how many are written by one statement: as JSON that the database takes apart. */
final class RowMapping {
    private RowMapping() {}

    static Subject subject(Row row) throws SQLException {
        return new Subject(
                Kind.valueOf(row.text("kind")),
                row.text("resource"),
                row.text("namespace"),
                row.text("name"),
                row.text("region"),
                row.text("size"));
    }

    static String json(Object rows) {
        try {
            return JsonMappers.STRICT.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("rows of the books are plain records", e);
        }
    }
}
