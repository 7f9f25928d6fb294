package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
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

/** Parses and validates the file of prices (docs/books.md): YAML, and so JSON too. Every error names its path in the file. */
record PriceFile(String currency, List<Version> versions) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    record Version(Integer version, String validFrom, List<PriceEntry> prices) {}

    record PriceEntry(String product, String region, String size, String state, String perHour, String stripePrice) {}

    /** Thrown when prices cannot be loaded as they are; says where and why. */
    static final class InvalidPricesException extends IllegalArgumentException {
        InvalidPricesException(String path, String what) {
            super(path + " " + what);
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
            throw new InvalidPricesException(path(e), e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new InvalidPricesException("line " + e.getLocation().getLineNr(), e.getOriginalMessage());
        }
    }

    private List<PriceList> lists() {
        unless(currency != null && currency.matches("[A-Z]{3}"), "currency", "must be three capitals, such as EUR");
        unless(versions != null && !versions.isEmpty(), "versions", "must not be empty");
        List<PriceList> lists = new ArrayList<>();
        for (int i = 0; i < versions.size(); i++) {
            String path = "versions[%d]".formatted(i);
            Version it = versions.get(i);
            unless(it != null, path, "must be given");
            unless(
                    it.version() != null && it.version() == i + 1,
                    path + ".version",
                    "must be %d: they count from 1 without a gap".formatted(i + 1));
            LocalDate validFrom = date(it.validFrom(), path + ".validFrom");
            unless(
                    lists.isEmpty() || !validFrom.isBefore(lists.getLast().validFrom()),
                    path + ".validFrom",
                    "must not be before that of the version before");
            lists.add(new PriceList(it.version(), validFrom, currency, prices(it.prices(), path + ".prices")));
        }
        return lists;
    }

    private static Map<Product, PriceList.Price> prices(List<PriceEntry> entries, String path) {
        unless(entries != null && !entries.isEmpty(), path, "must not be empty");
        Map<Product, PriceList.Price> prices = new TreeMap<>();
        for (int i = 0; i < entries.size(); i++) {
            String entryPath = "%s[%d]".formatted(path, i);
            PriceEntry it = entries.get(i);
            unless(it != null, entryPath, "must be given");
            Product product = product(it, entryPath);
            PriceList.Price price = new PriceList.Price(amount(it.perHour(), entryPath + ".perHour"), it.stripePrice());
            unless(prices.put(product, price) == null, entryPath, "is there twice (%s)".formatted(product));
        }
        return prices;
    }

    private static Product product(PriceEntry it, String path) {
        Product.Type type = oneOf(Product.Type.values(), it.product(), path + ".product");
        String region = text(it.region(), path + ".region");
        if (type == Product.Type.Volume) {
            unless(it.size() == null, path + ".size", "must be left out: a volume's price is for each GiB");
            unless(it.state() == null, path + ".state", "must be left out: a volume costs the same in any");
            return Product.volume(region);
        }
        State state = oneOf(State.values(), it.state(), path + ".state");
        unless(
                type == Product.Type.Agent || state == State.Running,
                path + ".state",
                "must be Running: a PlainVm is in no other, stopped or not");
        return new Product(type, region, text(it.size(), path + ".size"), state);
    }

    private static BigDecimal amount(String text, String path) {
        unless(
                text != null && text.matches("[0-9]{1,9}([.][0-9]{1,%d})?".formatted(Money.PRICE_DIGITS)),
                path,
                "must be a decimal number with at most %d decimals, not negative".formatted(Money.PRICE_DIGITS));
        return new BigDecimal(text);
    }

    private static LocalDate date(String text, String path) {
        try {
            return LocalDate.parse(text(text, path));
        } catch (DateTimeException _) {
            throw new InvalidPricesException(path, "must be a date such as 2026-12-01");
        }
    }

    private static String text(String text, String path) {
        unless(text != null && !text.isBlank(), path, "must be given");
        return text;
    }

    private static <E extends Enum<E>> E oneOf(E[] values, String text, String path) {
        for (E value : values) {
            if (value.name().equals(text)) {
                return value;
            }
        }
        throw new InvalidPricesException(path, "must be one of " + List.of(values));
    }

    private static void unless(boolean holds, String path, String rule) {
        if (!holds) {
            throw new InvalidPricesException(path, rule);
        }
    }

    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference it : e.getPath()) {
            path.append(it.getFieldName() == null ? "[%d]".formatted(it.getIndex()) : "." + it.getFieldName());
        }
        return path.isEmpty() ? "the file" : path.toString().replaceFirst("^[.]", "");
    }
}
