CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE document (
    path TEXT NOT NULL,
    role INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    changed BIGINT NOT NULL,
    source VARCHAR(64) NOT NULL,
    links TEXT NOT NULL,
    expires BIGINT,
    live BOOLEAN NOT NULL,
    codings TEXT NOT NULL,
    PRIMARY KEY (path)
);
CREATE INDEX ix_document_expires ON document (expires);
CREATE INDEX ix_document_role ON document (role);
CREATE INDEX ix_document_live ON document (live);
CREATE TABLE entry (
    id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    slug TEXT NOT NULL,
    month VARCHAR(8) DEFAULT '' NOT NULL,
    published BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    retracted BIGINT,
    path TEXT NOT NULL,
    path_digest VARCHAR(64) NOT NULL,
    gone BIGINT,
    kept BOOLEAN NOT NULL,
    withdrawn BIGINT,
    purged BOOLEAN NOT NULL,
    content VARCHAR(64) NOT NULL,
    headline VARCHAR(64) NOT NULL,
    expires BIGINT,
    version INTEGER NOT NULL,
    revision INTEGER DEFAULT '0' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    reference VARCHAR(64),
    original TEXT,
    PRIMARY KEY (id),
    UNIQUE (sequence),
    UNIQUE (slug)
);
CREATE INDEX ix_entry_updated ON entry (updated);
CREATE INDEX ix_entry_gone ON entry (gone);
CREATE INDEX ix_entry_published ON entry (published);
CREATE INDEX entry_name ON entry (name, reference);
CREATE INDEX entry_withdrawn ON entry (withdrawn) WHERE withdrawn IS NOT NULL;
CREATE INDEX ix_entry_expires ON entry (expires);
CREATE INDEX entry_original ON entry (original) WHERE original IS NOT NULL;
CREATE INDEX ix_entry_path_digest ON entry (path_digest);
CREATE INDEX ix_entry_month ON entry (month);
CREATE INDEX ix_entry_headline ON entry (headline);
CREATE INDEX entry_waiting ON entry (reference) WHERE reference IS NOT NULL AND original IS NULL;
CREATE INDEX ix_entry_content ON entry (content);
CREATE INDEX entry_purged ON entry (id) WHERE purged = 1;
CREATE TABLE fact (
    name VARCHAR(32) NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE file (
    path TEXT NOT NULL,
    changed BIGINT NOT NULL,
    size BIGINT NOT NULL,
    state VARCHAR(16) NOT NULL,
    due BIGINT,
    held BIGINT,
    told VARCHAR(32) NOT NULL,
    beside TEXT NOT NULL,
    problems TEXT NOT NULL,
    noted BOOLEAN NOT NULL,
    name_key TEXT NOT NULL,
    folder TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (path)
);
CREATE INDEX ix_file_name_key ON file (name_key);
CREATE INDEX ix_file_state ON file (state);
CREATE INDEX ix_file_due ON file (due);
CREATE INDEX ix_file_folder ON file (folder);
CREATE INDEX ix_file_noted ON file (noted);
CREATE INDEX ix_file_held ON file (held);
CREATE TABLE folder (
    prefix TEXT NOT NULL,
    digest VARCHAR(32) NOT NULL,
    PRIMARY KEY (prefix)
);
CREATE TABLE former (
    digest VARCHAR(64) NOT NULL,
    path TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (digest)
);
CREATE TABLE outbox (
    hub TEXT NOT NULL,
    path TEXT NOT NULL,
    changed BIGINT NOT NULL,
    due BIGINT,
    tries INTEGER NOT NULL,
    since BIGINT,
    quiet BIGINT,
    answer INTEGER NOT NULL,
    lost BIGINT,
    PRIMARY KEY (hub, path)
);
CREATE INDEX ix_outbox_due ON outbox (due);
CREATE TABLE use (
    used TEXT NOT NULL,
    file TEXT NOT NULL,
    folder TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (used, file)
);
CREATE INDEX ix_use_file ON use (file);
CREATE INDEX ix_use_folder ON use (folder);
CREATE TABLE correction (
    entry TEXT NOT NULL,
    number INTEGER NOT NULL,
    moment BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (entry, number),
    FOREIGN KEY(entry) REFERENCES entry (id)
);
CREATE TABLE member (
    feed TEXT NOT NULL,
    number INTEGER NOT NULL,
    entry TEXT,
    part INTEGER NOT NULL,
    published BIGINT NOT NULL,
    archive INTEGER,
    PRIMARY KEY (feed, number),
    FOREIGN KEY(entry) REFERENCES entry (id)
);
CREATE INDEX ix_member_entry ON member (entry);
CREATE INDEX member_published ON member (feed, published);
CREATE INDEX member_archive ON member (feed, archive);
CREATE TABLE renamed (
    name VARCHAR(64) NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (name, entry),
    FOREIGN KEY(entry) REFERENCES entry (id)
);
CREATE INDEX ix_renamed_entry ON renamed (entry);
CREATE TABLE topic (
    entry TEXT NOT NULL,
    facet VARCHAR(16) NOT NULL,
    value TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (entry, facet, value),
    FOREIGN KEY(entry) REFERENCES entry (id)
);
CREATE INDEX topic_value ON topic (facet, value, entry);
CREATE TABLE act (
    number BIGINT NOT NULL,
    moment BIGINT NOT NULL,
    person TEXT NOT NULL,
    act VARCHAR(16) NOT NULL,
    path TEXT NOT NULL,
    path_digest VARCHAR(64) NOT NULL,
    entry TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE INDEX ix_act_path_digest ON act (path_digest);
CREATE INDEX ix_act_entry ON act (entry);
CREATE TABLE unapproved (
    digest VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    path TEXT NOT NULL,
    person TEXT NOT NULL,
    moment BIGINT NOT NULL,
    uses TEXT NOT NULL,
    PRIMARY KEY (digest)
);
CREATE INDEX ix_unapproved_size ON unapproved (size);
CREATE TABLE "version" (
    entry TEXT NOT NULL,
    number INTEGER NOT NULL,
    accepted BIGINT NOT NULL,
    owner TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    data BLOB NOT NULL,
    story BLOB NOT NULL,
    PRIMARY KEY (entry, number),
    FOREIGN KEY(entry) REFERENCES entry (id)
);
CREATE TABLE subscription (
    digest VARCHAR(64) NOT NULL,
    path TEXT NOT NULL,
    callback TEXT NOT NULL,
    host TEXT NOT NULL,
    secret TEXT NOT NULL,
    confirmed BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    due BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    since BIGINT,
    answer INTEGER NOT NULL,
    PRIMARY KEY (digest)
);
CREATE INDEX subscription_host ON subscription (path, host, edition);
CREATE INDEX ix_subscription_host ON subscription (host);
CREATE INDEX ix_subscription_expires ON subscription (expires);
CREATE TABLE subscription_request (
    digest VARCHAR(64) NOT NULL,
    mode VARCHAR(16) NOT NULL,
    path TEXT NOT NULL,
    callback TEXT NOT NULL,
    host TEXT NOT NULL,
    secret TEXT NOT NULL,
    lease BIGINT NOT NULL,
    challenge TEXT NOT NULL,
    received BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    due BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (digest)
);
CREATE TABLE delivery (
    entry TEXT NOT NULL,
    version INTEGER NOT NULL,
    noted BIGINT NOT NULL,
    served BIGINT,
    reached BIGINT,
    topics TEXT NOT NULL,
    pushed INTEGER NOT NULL,
    subscribers INTEGER NOT NULL,
    PRIMARY KEY (entry, version),
    FOREIGN KEY(entry) REFERENCES entry (id)
);
CREATE INDEX ix_delivery_noted ON delivery (noted)
