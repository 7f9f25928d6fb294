package dev.anchorhold.ledger.verify;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads and writes entry bundles: entries one after the other, each with its length before it in two bytes (C2SP tlog-tiles). */
final class EntryBundle {
    private EntryBundle() {}

    /** As many as there are; an entry that is cut off is none, and neither is what follows it. */
    static List<byte[]> entries(byte[] bytes) {
        var entries = new ArrayList<byte[]>();
        for (var at = 0; at + 2 <= bytes.length; ) {
            var end = at + 2 + ((bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff);
            if (end > bytes.length) {
                break;
            }
            entries.add(Arrays.copyOfRange(bytes, at + 2, end));
            at = end;
        }
        return entries;
    }

    static byte[] of(List<byte[]> entries) {
        var bytes = new ByteArrayOutputStream();
        for (var entry : entries) {
            bytes.write(entry.length >> 8);
            bytes.write(entry.length);
            bytes.writeBytes(entry);
        }
        return bytes.toByteArray();
    }
}
