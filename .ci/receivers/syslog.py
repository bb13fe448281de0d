"""What receivers of syslog wrote down, held against the report. Called by `syslog` beside this file."""
import json
import re
import sys

from syslog_rfc5424_parser import ParseError, SyslogMessage


def lines(path):
    # rsyslog writes the bytes of a message as they are.
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def parsed(raw):
    message = SyslogMessage.parse(raw)
    ((_, data),) = message.sd.items()
    return message, data


def refused(raw):
    try:
        SyslogMessage.parse(raw)
        return False
    except ParseError:
        return True


def check(finding, host, data, text):
    assert host == finding["subject"]["name"], (host, finding["subject"])
    assert data["id"] == finding["id"] and data["rule"] == finding["rule"], data
    assert data["verdict"] == finding["verdict"] and data["status"] == finding["status"], data
    assert len(data["event"]) == len(data["finding"]) == 64, data
    assert text.lstrip("\ufeff").startswith(f"{finding['status']} {finding['id']} "), text
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e]", text), text


def frames(report, work):
    findings = report["findings"]
    # Over TCP they came with both framings, then as CEF and as LEEF.
    tcp = lines(f"{work}/tcp.json")
    count = len(findings)
    assert len(tcp) == 4 * count, len(tcp)
    for name, seen, times in [("udp", lines(f"{work}/udp.json"), 1), ("tcp", tcp[: 2 * count], 2), ("tls", lines(f"{work}/tls.json"), 1)]:
        assert len(seen) == times * len(findings), (name, len(seen))
        for entry, finding in zip(seen, findings * times):
            message, data = parsed(entry["raw"])
            assert message.appname == entry["app"] == "seaworthy" and message.msgid == entry["kind"], entry
            check(finding, entry["host"], data, entry["text"])
            assert entry["data"].startswith("[seaworthy@32473 event="), entry["data"]
    seen = lines(f"{work}/ng.json")
    assert len(seen) == len(findings), len(seen)
    for entry, finding in zip(seen, findings):
        # syslog-ng takes structured data apart by itself.
        data = {key.rsplit(".", 1)[1]: value for key, value in flat(entry) if "seaworthy@32473" in key}
        check(finding, entry["HOST"], data, entry["MESSAGE"])
    whole = lines(f"{work}/udp.json")[0]["raw"]
    for damage in [("]", ""), (">1 ", "> "), ("<", ""), ('event="', 'event=')]:
        assert refused(whole.replace(*damage, 1)), damage
    for name, seen in [("cef", tcp[2 * count : 3 * count]), ("leef", tcp[3 * count :])]:
        texts = [entry["text"].lstrip() for entry in seen]
        if name == "cef":
            # Copies that are none: a header with a field too few, and one that says another format.
            texts += [texts[0].replace("|seaworthy|", "|", 1).split(" externalId", 1)[0].replace("|8|", "|"), texts[0].replace("CEF:0", "CEFF0")]
        open(f"{work}/{name}.txt", "w", encoding="utf-8").write("".join(text + "\n" for text in texts))
    open(f"{work}/cef.rules", "w").write('version=2\nrule=:%{"name":"cef","type":"cef"}%\n')


def flat(value, before=""):
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from flat(inner, f"{before}{key}.")
        else:
            yield before + key, inner


def cef(report, work):
    seen = [json.loads(line) for line in open(f"{work}/cef.out", encoding="utf-8") if line.strip()]
    findings = report["findings"]
    assert len(seen) == len(findings) + 2, len(seen)
    for entry, finding in zip(seen, findings):
        event = entry.get("cef")
        assert event, entry
        extensions = event["Extensions"]
        assert event["SignatureID"] == finding["rule"] and event["DeviceVendor"] == "Seaworthy", event
        assert extensions["dvchost"] == finding["subject"]["name"] and extensions["flexString1"] == finding["id"], extensions
        assert len(extensions["externalId"]) == 36 and len(extensions["flexString2"]) == 64, extensions
        plain = finding["reason"].strip()
        if plain and plain.isascii() and plain.isprintable() and len(plain) < 200:
            assert extensions["reason"] == plain, (extensions["reason"], plain)
    for entry in seen[len(findings):]:
        assert "cef" not in entry, entry


if sys.argv[1] == "cef":
    cef(json.load(open(sys.argv[2])), sys.argv[3])
else:
    frames(json.load(open(sys.argv[1])), sys.argv[2])
