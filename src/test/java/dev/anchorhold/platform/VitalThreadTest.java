package dev.anchorhold.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a thread that a process cannot do without ends the process. */
class VitalThreadTest {
    private final AtomicInteger ends = new AtomicInteger();

    @Test
    void H15_a_loop_that_ends_by_an_error_or_an_exception_ends_the_process() throws Exception {
        run(() -> {
            throw new OutOfMemoryError("as if");
        });
        assertThat(ends).hasValue(1);
        run(() -> {
            throw new IllegalStateException("not expected");
        });
        assertThat(ends).hasValue(2);
    }

    @Test
    void H15_a_loop_that_returns_was_told_to() throws Exception {
        run(() -> {});
        assertThat(ends).hasValue(0);
    }

    private void run(Runnable loop) throws InterruptedException {
        Thread.ofVirtual()
                .start(VitalThread.vital("loop", loop, ends::incrementAndGet))
                .join();
    }
}
