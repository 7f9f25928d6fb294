package dev.anchorhold.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0                                                     | Firefox 145 on Linux
            Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0  | Edge 142 on Windows
            Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36               | Chrome 142 on Android
            Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15      | Safari 26 on Mac OS X
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36             | Chromium 156 on Linux
            curl/8.5.0                                                                                                                 | curl 8
            something else                                                                                                             | something else
            ''                                                                                                                         | unknown
            """)
    void a_browser_is_called_what_people_call_it(String userAgent, String name) {
        assertThat(Format.browser(userAgent)).isEqualTo(name);
    }

    @Test
    void a_duration_has_its_two_largest_units() {
        assertThat(Format.duration(Duration.ofHours(76))).isEqualTo("3 d 4 h");
        assertThat(Format.duration(Duration.ofMinutes(245))).isEqualTo("4 h 5 min");
        assertThat(Format.duration(Duration.ofSeconds(306))).isEqualTo("5 min 6 s");
        assertThat(Format.duration(Duration.ZERO)).isEqualTo("0 s");
    }
}
