package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.server.ServerStep;
import java.util.Map;

/** A step of a PlainVm's plan. Each may be repeated after any crash: it finds what it did, or does it. */
sealed interface PlainVmStep {

    /** The step's name among failures and in logs. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** It changes nothing: a hold does not keep it back. */
    default boolean onlyLooks() {
        return this instanceof OnServer(ServerStep step) && step.onlyLooks()
                || this instanceof OnAdoption(AdoptionStep.AskBooks _);
    }

    record CreateFirewall(String firewall, Map<String, String> labels, RuleSet rules, boolean shared)
            implements PlainVmStep {}

    record SetRules(long firewallId, RuleSet rules, String sharedFirewall) implements PlainVmStep {}

    record CreateServer(String type, String location, long imageId, long firewallId, String sharedFirewall)
            implements PlainVmStep {}

    /** {@code shared} is the firewall's name when others may want it, else empty. */
    record DeleteFirewall(long firewallId, String shared) implements PlainVmStep {}

    /** Takes our labels off: it stays, and is no longer ours. */
    record DisownFirewall(long firewallId) implements PlainVmStep {}

    /** A step on the server that all kinds share. */
    record OnServer(ServerStep step) implements PlainVmStep {
        @Override
        public String name() {
            return step.name();
        }
    }

    /** A step by which a predecessor's things are taken over. */
    record OnAdoption(AdoptionStep step) implements PlainVmStep {
        @Override
        public String name() {
            return step.name();
        }
    }

    /** Asks the cloud whether anything is left; the answer is in the next observation. */
    record ConfirmGone() implements PlainVmStep {}
}
