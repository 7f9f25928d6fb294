package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.cloudflare.DesiredDnsRecord;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.Ingress;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.resource.AgentStatus.Settings;

/** A step of an Agent's plan. Each may be repeated after any crash: it finds what it did, or does it. */
sealed interface AgentStep {

    /** The step's name among failures and in logs. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** It changes nothing: a hold does not keep it back. */
    default boolean onlyLooks() {
        return this instanceof OnServer(ServerStep step) && step.onlyLooks()
                || this instanceof OnAdoption(AdoptionStep.AskBooks _);
    }

    /** Reads what it would be frozen with, and makes nothing: what cannot be frozen is told while it may still be changed. */
    record CheckInputs() implements AgentStep {}

    /**
     * Makes the frozen Secret, or reads it. After a crash in between it is found: the first that was made holds for
     * life.
     */
    record Freeze() implements AgentStep {}

    /** The installation's one firewall without a rule is there, and has none. */
    record EnsureDenyAll() implements AgentStep {}

    // ---- the volume

    record CreateVolume(int sizeGiB, String location) implements AgentStep {}

    record ResizeVolume(long volumeId, int sizeGiB) implements AgentStep {}

    record AttachVolume(long volumeId, long serverId) implements AgentStep {}

    record DetachVolume(long volumeId) implements AgentStep {}

    record DeleteVolume(long volumeId) implements AgentStep {}

    /** Takes our labels off: it stays, and is no longer ours. */
    record DisownVolume(long volumeId) implements AgentStep {}

    // ---- the tunnel and its name

    record CreateTunnel() implements AgentStep {}

    record Configure(String tunnelId, Ingress ingress) implements AgentStep {}

    /**
     * A new secret, and whoever came in by the old one is cut off (F38). Died in between, or the answer lost: it is
     * done again, since the account on record is still the old one; the last secret holds.
     */
    record RotateTunnel(String tunnelId, String account) implements AgentStep {}

    record DeleteTunnel(String tunnelId) implements AgentStep {}

    /** Its name is what marks it as ours: it gets another. */
    record DisownTunnel(String tunnelId) implements AgentStep {}

    record CreateRecord(DesiredDnsRecord wanted) implements AgentStep {}

    record UpdateRecord(String recordId, DesiredDnsRecord wanted) implements AgentStep {}

    record DeleteRecord(String recordId) implements AgentStep {}

    /** Its comment is what marks it as ours: it gets another. */
    record DisownRecord(DnsRecord kept) implements AgentStep {}

    // ---- the server and its guest

    /**
     * What the new server's guest is to have waits at the door, under a token that works once. A deposit whose server
     * never came runs out; several may stand side by side.
     */
    record Deposit(String tunnelId, long volumeId, Settings settings) implements AgentStep {}

    record CreateServer(String type, String location, long imageId, long firewallId, long volumeId)
            implements AgentStep {}

    /**
     * Deletes a server whose guest is lost, so that another is made.
     *
     * @param forSilence silence is all that tells of the loss: then it is done only if no other was replaced lately
     */
    record ReplaceServer(long serverId, boolean forSilence) implements AgentStep {}

    /** The version was on record before: an equal one always carries the same settings. */
    record TellSettings(String tunnelId, Settings settings) implements AgentStep {}

    record RevokeGuest() implements AgentStep {}

    /** A step on the server that all kinds share. */
    record OnServer(ServerStep step) implements AgentStep {
        @Override
        public String name() {
            return step.name();
        }
    }

    // ---- what a predecessor left

    /** Its name is what marks it as whose: it gets this Agent's. */
    record TakeTunnel(String tunnelId, String from) implements AgentStep {}

    /** Its comment is what marks it as whose: it gets this Agent's, and keeps its name. */
    record TakeRecord(DnsRecord kept, String from) implements AgentStep {}

    /**
     * The guest that runs becomes this Agent's at the door. Where what it was started from is not there any more, its
     * rights are taken instead: then its server is replaced.
     */
    record TakeGuest(String from) implements AgentStep {}

    /** A step by which a predecessor's things are taken over, the same for all kinds. */
    record OnAdoption(AdoptionStep step) implements AgentStep {
        @Override
        public String name() {
            return step.name();
        }
    }

    /** Asks both clouds whether anything is left; the answer is in the next observation. */
    record ConfirmGone() implements AgentStep {}
}
