package dev.anchorhold.platform;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.lang.management.ManagementFactory;
import org.jboss.logging.Logger;

/** Sees to it, in every process and before anything else starts, that an {@link Error} ends the process. */
@ApplicationScoped
class ProcessLifecycle {
    private static final Logger LOG = Logger.getLogger(ProcessLifecycle.class);
    private static final String FLAG = "ExitOnOutOfMemoryError";

    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        VitalThread.endProcessOnErrors();
        var virtualMachine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (!Boolean.parseBoolean(virtualMachine.getVMOption(FLAG).getValue())) {
            LOG.warnf("start this process with -XX:+%s: what a library catches cannot end it otherwise", FLAG);
        }
    }
}
