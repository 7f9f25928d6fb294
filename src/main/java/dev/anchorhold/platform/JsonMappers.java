package dev.anchorhold.platform;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/** Jackson mappers of our own messages: instants as ISO 8601, unknown fields refused or not. */
public final class JsonMappers {
    /** Refuses unknown fields: what the other side meant by them would be lost without a word. */
    public static final JsonMapper STRICT = mapper(true);
    /** Ignores them, where the other side may be newer, or older, and is not ours to correct. */
    public static final JsonMapper LENIENT = mapper(false);

    private JsonMappers() {}

    private static JsonMapper mapper(boolean strict) {
        return JsonMapper.builder()
                .addModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, strict)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .configure(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, strict)
                // A list or map with a hole in it is no message: what stands beside the hole is not all that was meant.
                .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
    }
}
