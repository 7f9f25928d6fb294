package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The file of prices, as people write it (docs/books.md): YAML, and so JSON too. Whatever is wrong is told with its place. */
record PriceFile(String currency, List<Version> versions) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    record Version(Integer version, String validFrom, List<PriceEntry> prices) {}

    record PriceEntry(String product, String region, String size, String state, String perHour, String stripePrice) {}

    /** The prices cannot be taken as they are; says where and why. */
    static final class InvalidPricesException extends IllegalArgumentException {
        InvalidPricesException(String place, String what) {
            super(place + " " + what);
        }
    }

    static List<PriceList> read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidPricesException(file.toString(), "cannot be read: " + e);
        } catch (InvalidPricesException e) {
            throw new InvalidPricesException(file + ":", e.getMessage());
        }
    }

    static List<PriceList> parse(String text) {
        try {
            PriceFile file = YAML.readValue(text, PriceFile.class);
            unless(file != null, "the file", "is empty");
            return file.lists();
        } catch (JsonMappingException e) {
            throw new InvalidPricesException(place(e), e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new InvalidPricesException("line " + e.getLocation().getLineNr(), e.getOriginalMessage());
        }
    }

    private List<PriceList> lists() {
        unless(currency != null && currency.matches("[A-Z]{3}"), "currency", "must be three capitals, such as EUR");
        unless(versions != null && !versions.isEmpty(), "versions", "must not be empty");
        List<PriceList> lists = new ArrayList<>();
        for (int i = 0; i < versions.size(); i++) {
            String place = "versions[%d]".formatted(i);
            Version it = versions.get(i);
            unless(it != null, place, "must be given");
            unless(
                    it.version() != null && it.version() == i + 1,
                    place + ".version",
                    "must be %d: they count from 1 without a gap".formatted(i + 1));
            LocalDate validFrom = date(it.validFrom(), place + ".validFrom");
            unless(
                    lists.isEmpty() || !validFrom.isBefore(lists.getLast().validFrom()),
                    place + ".validFrom",
                    "must not be before that of the version before");
            lists.add(new PriceList(it.version(), validFrom, currency, cells(it.prices(), place + ".prices")));
        }
        return lists;
    }

    private static Map<Product, PriceList.Price> cells(List<PriceEntry> cells, String place) {
        unless(cells != null && !cells.isEmpty(), place, "must not be empty");
        Map<Product, PriceList.Price> prices = new TreeMap<>();
        for (int i = 0; i < cells.size(); i++) {
            String here = "%s[%d]".formatted(place, i);
            PriceEntry it = cells.get(i);
            unless(it != null, here, "must be given");
            Product product = new Product(
                    one(Kind.values(), it.product(), here + ".product"),
                    text(it.region(), here + ".region"),
                    text(it.size(), here + ".size"),
                    one(State.values(), it.state(), here + ".state"));
            unless(
                    product.product() == Kind.Agent || product.state() == State.Running,
                    here + ".state",
                    "must be Running: a PlainVm is in no other, stopped or not");
            PriceList.Price price = new PriceList.Price(amount(it.perHour(), here + ".perHour"), it.stripePrice());
            unless(prices.put(product, price) == null, here, "is there twice (%s)".formatted(product));
        }
        return prices;
    }

    private static BigDecimal amount(String text, String place) {
        unless(
                text != null && text.matches("[0-9]{1,9}([.][0-9]{1,%d})?".formatted(Money.PRICE_DIGITS)),
                place,
                "must be a decimal number with at most %d decimals, not negative".formatted(Money.PRICE_DIGITS));
        return new BigDecimal(text);
    }

    private static LocalDate date(String text, String place) {
        try {
            return LocalDate.parse(text(text, place));
        } catch (DateTimeException _) {
            throw new InvalidPricesException(place, "must be a date such as 2026-12-01");
        }
    }

    private static String text(String text, String place) {
        unless(text != null && !text.isBlank(), place, "must be given");
        return text;
    }

    private static <E extends Enum<E>> E one(E[] values, String text, String place) {
        for (E value : values) {
            if (value.name().equals(text)) {
                return value;
            }
        }
        throw new InvalidPricesException(place, "must be one of " + List.of(values));
    }

    private static void unless(boolean holds, String place, String rule) {
        if (!holds) {
            throw new InvalidPricesException(place, rule);
        }
    }

    private static String place(JsonMappingException e) {
        StringBuilder place = new StringBuilder();
        for (JsonMappingException.Reference it : e.getPath()) {
            place.append(it.getFieldName() == null ? "[%d]".formatted(it.getIndex()) : "." + it.getFieldName());
        }
        return place.isEmpty() ? "the file" : place.toString().replaceFirst("^[.]", "");
    }
}
