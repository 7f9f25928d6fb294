package dev.anchorhold.ledger.verify;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A JSON parser and canonical writer, no larger than the verifier needs: it reads (RFC 8259) into maps, lists, strings, whole
 * numbers as Long, others as BigDecimal, Booleans and null; and writes the canonical form (RFC 8785) of objects of strings and
 * whole numbers.
 */
final class MinimalJson {
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;
    private int depth;

    private MinimalJson(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException when it is no JSON */
    static Object read(String text) {
        var json = new MinimalJson(text);
        var value = json.value();
        json.expect(json.peek() == END, "nothing after the value");
        return value;
    }

    /** Null when it is no JSON. */
    static Object parsed(String text) {
        try {
            return read(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** @throws IllegalArgumentException when a value is neither a string nor a whole number */
    static String canonical(Map<?, ?> object) {
        var sorted = new TreeMap<String, Object>(); // by UTF-16 code units, as RFC 8785 wants it
        object.forEach((key, value) -> sorted.put((String) key, value));
        var json = new StringBuilder("{");
        sorted.forEach((key, value) -> {
            quote(json.append(json.length() > 1 ? "," : ""), key);
            json.append(':');
            switch (value) {
                case String string -> quote(json, string);
                case Long number -> json.append(number.longValue());
                case null, default ->
                    throw new IllegalArgumentException(key + " is neither a string nor a whole number");
            }
        });
        return json.append('}').toString();
    }

    private static void quote(StringBuilder json, String string) {
        json.append('"');
        for (var c : string.toCharArray()) {
            var escape = "\b\t\n\f\r\"\\".indexOf(c);
            if (escape >= 0) {
                json.append('\\').append("btnfr\"\\".charAt(escape));
            } else if (c < ' ') {
                json.append("\\u%04x".formatted((int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    private static final char END = 0;

    private Object value() {
        expect(++depth <= MAX_DEPTH, "fewer levels");
        var value = switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> number();
        };
        depth--;
        return value;
    }

    private Map<String, Object> object() {
        var object = new LinkedHashMap<String, Object>();
        at++;
        for (var first = true; peek() != '}'; first = false) {
            comma(first);
            expect(peek() == '"', "a name");
            var name = string();
            expect(peek() == ':', "a colon");
            at++;
            expect(!object.containsKey(name), "each name once");
            object.put(name, value());
        }
        at++;
        return object;
    }

    private List<Object> array() {
        var array = new ArrayList<>();
        at++;
        for (var first = true; peek() != ']'; first = false) {
            comma(first);
            array.add(value());
        }
        at++;
        return array;
    }

    private void comma(boolean first) {
        if (!first) {
            expect(peek() == ',', "a comma");
            at++;
        }
    }

    private String string() {
        var string = new StringBuilder();
        for (at++; next() != '"'; at++) {
            if (next() != '\\') {
                expect(next() >= ' ', "an escape");
                string.append(next());
                continue;
            }
            at++;
            if (next() == 'u') {
                expect(at + 5 <= text.length(), "four digits");
                var digits = text.substring(at + 1, at + 5);
                expect(digits.matches("[0-9a-fA-F]{4}"), "four digits");
                string.append((char) Integer.parseInt(digits, 16));
                at += 4;
            } else {
                var escape = "btnfr\"\\/".indexOf(next());
                expect(escape >= 0, "an escape");
                string.append("\b\t\n\f\r\"\\/".charAt(escape));
            }
        }
        at++;
        return string.toString();
    }

    private Object literal(String literal, Object value) {
        expect(text.startsWith(literal, at), literal);
        at += literal.length();
        return value;
    }

    private Number number() {
        var from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        var number = text.substring(from, at);
        expect(number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?"), "a value");
        return number.matches("-?[0-9]{1,18}") ? Long.valueOf(number) : (Number) new BigDecimal(number);
    }

    /** The next character that is no blank; it is not taken. */
    private char peek() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : END;
    }

    private char next() {
        expect(at < text.length(), "the string's end");
        return text.charAt(at);
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException("no JSON: expected %s at character %d".formatted(what, at));
        }
    }
}
