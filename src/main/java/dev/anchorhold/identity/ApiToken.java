package dev.anchorhold.identity;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A token that a person has made for a script: it opens one account, for as long as the person is a member of it, and never more than they may do. */
@Entity
@Table(schema = "identity", name = "api_token")
public class ApiToken extends PanacheEntityBase {
    @Id
    public UUID id;

    public byte[] tokenHash;

    @ManyToOne(fetch = FetchType.EAGER, optional = false)
    @JoinColumn(name = "person")
    public Person person;

    public String account;

    @Enumerated(EnumType.STRING)
    public Access access;

    /** The person's name for it. */
    public String name;

    public Instant made;

    /** To the minute; null before its first use. */
    public Instant lastUsed;

    public Instant expires;

    /** What it may do at most. */
    public enum Access {
        Read,
        Write
    }
}
