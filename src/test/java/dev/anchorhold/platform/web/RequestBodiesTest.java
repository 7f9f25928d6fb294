package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anchorhold.platform.JsonMappers;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBodiesTest {
    record Part(int size) {}

    record Message(String name, Part part, List<Part> parts) {}

    private static Message read(String body) {
        return RequestBodies.read(
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                200,
                JsonMappers.STRICT,
                Message.class);
    }

    private static HttpProblem problem(String body) {
        return catchThrowableOfType(HttpProblem.class, () -> read(body));
    }

    @Test
    void a_message_is_read() {
        assertThat(read("{\"name\":\"a\",\"part\":{\"size\":1},\"parts\":[{\"size\":2}]}"))
                .isEqualTo(new Message("a", new Part(1), List.of(new Part(2))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'a','name':'b'} | name",
                "{'name':'a','part':{'size':1,'size':2}} | part.size",
                "{'part':{'size':1},'part':{'size':2}} | part",
                "{'parts':[{'size':1},{'size':1,'size':2}]} | parts.1.size",
                "{'unknown':1} | unknown",
                "{'part':{'size':'many'}} | part.size",
                "{'parts':[null]} | parts[0]",
            })
    void H19_a_field_that_stands_twice_is_unknown_or_of_the_wrong_form_is_named(String body, String field) {
        var problem = problem(body.replace('\'', '"'));
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.field()).as(problem.getMessage()).isEqualTo(field);
        assertThat(problem.getMessage()).startsWith(field).doesNotContain("many");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{'name' | 400", "'' | 400", "null | 400", "{} {} | 400"})
    void H19_what_is_no_json_object_is_refused(String body, int status) {
        assertThat(problem(body.replace('\'', '"')).status()).isEqualTo(status);
    }

    @Test
    void H19_what_is_too_long_is_refused_by_its_name() {
        var problem = problem("{\"name\":\"%s\"}".formatted("a".repeat(200)));
        assertThat(problem.status()).isEqualTo(413);
        assertThat(problem.field()).isEqualTo("body");
    }
}
