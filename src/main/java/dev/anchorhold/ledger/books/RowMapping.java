package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.JsonMappers;
import java.sql.SQLException;

/** Maps rows of the books to objects, and objects to JSON of which one statement makes many rows. */
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

    /** Null when it is. */
    static Integer integer(Row row, String column) throws SQLException {
        String text = row.text(column);
        return text == null ? null : Integer.valueOf(text);
    }

    static String json(Object rows) {
        try {
            return JsonMappers.STRICT.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("rows of the books are plain records", e);
        }
    }
}
