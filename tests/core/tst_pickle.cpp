#include "archives/pickle.h"
#include "support/sentence.h"
#include "support/shown_pickle.h"
#include "support/torch_archive_writer.h"

#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::test;

namespace {

/// What pickle.dumps(value, protocol) of CPython 3.11 gave for protocols 0 to 5, in base64; the value is that
/// of TestPickle::python below.
const char* const pythonPickles[] = {
    "KGRwMApWdGV4dApwMQpWRmVcdTIwMTNPILVcdTAwMGFcdTAwNWMKcDIKc1Zub25lCnAzCk5zVnllcwpwNApJMDEKc1Zubwpw"
    "NQpJMDAKc1ZsaXN0CnA2CihscDcKSTEKYUktMgphSTMwMAphSTcwMDAwCmFzVnNhbWUKcDgKZzcKc1Z3aG9sZQpwOQooSTI1"
    "NQpJMjU2Ckk2NTUzNQpJNjU1MzYKSS0xCkwtNTAwMDAwMDAwMEwKTDQ2MTE2ODYwMTg0MjczODc5MDRMCkwtOTIyMzM3MjAz"
    "Njg1NDc3NTgwOEwKTDkyMjMzNzIwMzY4NTQ3NzU4MDdMCnRwMTAKc1ZyZWFsCnAxMQoobHAxMgpGMS41CmFGLTAuMAphRjFl"
    "KzMwMAphRi1pbmYKYXNWdHVwbGVzCnAxMwooKHQoSTEKdHAxNAooSTEKSTIKdHAxNQooSTEKSTIKSTMKdHAxNgooSTEKSTIK"
    "STMKSTQKdHAxNwp0cDE4CnNWc2V0CnAxOQpjX19idWlsdGluX18Kc2V0CnAyMAooKGxwMjEKSTcKYXRwMjIKUnAyMwpzVmZy"
    "b3plbgpwMjQKY19fYnVpbHRpbl9fCmZyb3plbnNldApwMjUKKChscDI2Ckk4CmF0cDI3ClJwMjgKc1ZieXRlcwpwMjkKY19j"
    "b2RlY3MKZW5jb2RlCnAzMAooVlx1MDAwMP9BCnAzMQpWbGF0aW4xCnAzMgp0cDMzClJwMzQKc1ZubyBieXRlcwpwMzUKY19f"
    "YnVpbHRpbl9fCmJ5dGVzCnAzNgoodFJwMzcKc1ZvcmRlcmVkCnAzOApjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcDM5Cih0"
    "UnA0MApWegpwNDEKSTEKc1ZhCnA0MgpJMgpzc1ZiaWcKcDQzCkwxMTgwNTkxNjIwNzE3NDExMzAzNDI0TApzSTUKVmZpdmUK"
    "cDQ0CnNWZW1wdHkKcDQ1CihscDQ2CihkcDQ3CmEobHA0OAphZzIwCigobHA0OQp0cDUwClJwNTEKYXNWYXJyYXkKcDUyCmNf"
    "X2J1aWx0aW5fXwpieXRlYXJyYXkKcDUzCihnMzAKKFZ4eQpwNTQKZzMyCnRwNTUKUnA1Ngp0cDU3ClJwNTgKcy4=",
    "fXEAKFgEAAAAdGV4dHEBWAsAAABGZeKAk08gwrUKXHECWAQAAABub25lcQNOWAMAAAB5ZXNxBEkwMQpYAgAAAG5vcQVJMDAK"
    "WAQAAABsaXN0cQZdcQcoSwFK/v///00sAUpwEQEAZVgEAAAAc2FtZXEIaAdYBQAAAHdob2xlcQkoS/9NAAFN//9KAAABAEr/"
    "////TC01MDAwMDAwMDAwTApMNDYxMTY4NjAxODQyNzM4NzkwNEwKTC05MjIzMzcyMDM2ODU0Nzc1ODA4TApMOTIyMzM3MjAz"
    "Njg1NDc3NTgwN0wKdHEKWAQAAAByZWFscQtdcQwoRz/4AAAAAAAAR4AAAAAAAAAAR3435DyIAHWcR//wAAAAAAAAZVgGAAAA"
    "dHVwbGVzcQ0oKShLAXRxDihLAUsCdHEPKEsBSwJLA3RxEChLAUsCSwNLBHRxEXRxElgDAAAAc2V0cRNjX19idWlsdGluX18K"
    "c2V0CnEUKF1xFUsHYXRxFlJxF1gGAAAAZnJvemVucRhjX19idWlsdGluX18KZnJvemVuc2V0CnEZKF1xGksIYXRxG1JxHFgF"
    "AAAAYnl0ZXNxHWNfY29kZWNzCmVuY29kZQpxHihYBAAAAADDv0FxH1gGAAAAbGF0aW4xcSB0cSFScSJYCAAAAG5vIGJ5dGVz"
    "cSNjX19idWlsdGluX18KYnl0ZXMKcSQpUnElWAcAAABvcmRlcmVkcSZjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcScpUnEo"
    "KFgBAAAAenEpSwFYAQAAAGFxKksCdVgDAAAAYmlncStMMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKSwVYBAAAAGZpdmVxLFgF"
    "AAAAZW1wdHlxLV1xLih9cS9dcTBoFChdcTF0cTJScTNlWAUAAABhcnJheXE0Y19fYnVpbHRpbl9fCmJ5dGVhcnJheQpxNSho"
    "HihYAgAAAHh5cTZoIHRxN1JxOHRxOVJxOnUu",
    "gAJ9cQAoWAQAAAB0ZXh0cQFYCwAAAEZl4oCTTyDCtQpccQJYBAAAAG5vbmVxA05YAwAAAHllc3EEiFgCAAAAbm9xBYlYBAAA"
    "AGxpc3RxBl1xByhLAUr+////TSwBSnARAQBlWAQAAABzYW1lcQhoB1gFAAAAd2hvbGVxCShL/00AAU3//0oAAAEASv////+K"
    "BQAO+tX+iggAAAAAAAAAQIoIAAAAAAAAAICKCP////////9/dHEKWAQAAAByZWFscQtdcQwoRz/4AAAAAAAAR4AAAAAAAAAA"
    "R3435DyIAHWcR//wAAAAAAAAZVgGAAAAdHVwbGVzcQ0oKUsBhXEOSwFLAoZxD0sBSwJLA4dxEChLAUsCSwNLBHRxEXRxElgD"
    "AAAAc2V0cRNjX19idWlsdGluX18Kc2V0CnEUXXEVSwdhhXEWUnEXWAYAAABmcm96ZW5xGGNfX2J1aWx0aW5fXwpmcm96ZW5z"
    "ZXQKcRldcRpLCGGFcRtScRxYBQAAAGJ5dGVzcR1jX2NvZGVjcwplbmNvZGUKcR5YBAAAAADDv0FxH1gGAAAAbGF0aW4xcSCG"
    "cSFScSJYCAAAAG5vIGJ5dGVzcSNjX19idWlsdGluX18KYnl0ZXMKcSQpUnElWAcAAABvcmRlcmVkcSZjY29sbGVjdGlvbnMK"
    "T3JkZXJlZERpY3QKcScpUnEoKFgBAAAAenEpSwFYAQAAAGFxKksCdVgDAAAAYmlncSuKCQAAAAAAAAAAQEsFWAQAAABmaXZl"
    "cSxYBQAAAGVtcHR5cS1dcS4ofXEvXXEwaBRdcTGFcTJScTNlWAUAAABhcnJheXE0Y19fYnVpbHRpbl9fCmJ5dGVhcnJheQpx"
    "NWgeWAIAAAB4eXE2aCCGcTdScTiFcTlScTp1Lg==",
    "gAN9cQAoWAQAAAB0ZXh0cQFYCwAAAEZl4oCTTyDCtQpccQJYBAAAAG5vbmVxA05YAwAAAHllc3EEiFgCAAAAbm9xBYlYBAAA"
    "AGxpc3RxBl1xByhLAUr+////TSwBSnARAQBlWAQAAABzYW1lcQhoB1gFAAAAd2hvbGVxCShL/00AAU3//0oAAAEASv////+K"
    "BQAO+tX+iggAAAAAAAAAQIoIAAAAAAAAAICKCP////////9/dHEKWAQAAAByZWFscQtdcQwoRz/4AAAAAAAAR4AAAAAAAAAA"
    "R3435DyIAHWcR//wAAAAAAAAZVgGAAAAdHVwbGVzcQ0oKUsBhXEOSwFLAoZxD0sBSwJLA4dxEChLAUsCSwNLBHRxEXRxElgD"
    "AAAAc2V0cRNjYnVpbHRpbnMKc2V0CnEUXXEVSwdhhXEWUnEXWAYAAABmcm96ZW5xGGNidWlsdGlucwpmcm96ZW5zZXQKcRld"
    "cRpLCGGFcRtScRxYBQAAAGJ5dGVzcR1DAwD/QXEeWAgAAABubyBieXRlc3EfQwBxIFgHAAAAb3JkZXJlZHEhY2NvbGxlY3Rp"
    "b25zCk9yZGVyZWREaWN0CnEiKVJxIyhYAQAAAHpxJEsBWAEAAABhcSVLAnVYAwAAAGJpZ3EmigkAAAAAAAAAAEBLBVgEAAAA"
    "Zml2ZXEnWAUAAABlbXB0eXEoXXEpKH1xKl1xK2gUXXEshXEtUnEuZVgFAAAAYXJyYXlxL2NidWlsdGlucwpieXRlYXJyYXkK"
    "cTBDAnh5cTGFcTJScTN1Lg==",
    "gASVsgEAAAAAAAB9lCiMBHRleHSUjAtGZeKAk08gwrUKXJSMBG5vbmWUTowDeWVzlIiMAm5vlImMBGxpc3SUXZQoSwFK/v//"
    "/00sAUpwEQEAZYwEc2FtZZRoB4wFd2hvbGWUKEv/TQABTf//SgAAAQBK/////4oFAA761f6KCAAAAAAAAABAiggAAAAAAAAA"
    "gIoI/////////390lIwEcmVhbJRdlChHP/gAAAAAAABHgAAAAAAAAABHfjfkPIgAdZxH//AAAAAAAABljAZ0dXBsZXOUKClL"
    "AYWUSwFLAoaUSwFLAksDh5QoSwFLAksDSwR0lHSUjANzZXSUj5QoSweQjAZmcm96ZW6UKEsIkZSMBWJ5dGVzlEMDAP9BlIwI"
    "bm8gYnl0ZXOUQwCUjAdvcmRlcmVklIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlCiMAXqUSwGMAWGUSwJ1jANi"
    "aWeUigkAAAAAAAAAAEBLBYwEZml2ZZSMBWVtcHR5lF2UKH2UXZSPlGWMBWFycmF5lIwIYnVpbHRpbnOUjAlieXRlYXJyYXmU"
    "k5RDAnh5lIWUUpR1Lg==",
    "gAWVnAEAAAAAAAB9lCiMBHRleHSUjAtGZeKAk08gwrUKXJSMBG5vbmWUTowDeWVzlIiMAm5vlImMBGxpc3SUXZQoSwFK/v//"
    "/00sAUpwEQEAZYwEc2FtZZRoB4wFd2hvbGWUKEv/TQABTf//SgAAAQBK/////4oFAA761f6KCAAAAAAAAABAiggAAAAAAAAA"
    "gIoI/////////390lIwEcmVhbJRdlChHP/gAAAAAAABHgAAAAAAAAABHfjfkPIgAdZxH//AAAAAAAABljAZ0dXBsZXOUKClL"
    "AYWUSwFLAoaUSwFLAksDh5QoSwFLAksDSwR0lHSUjANzZXSUj5QoSweQjAZmcm96ZW6UKEsIkZSMBWJ5dGVzlEMDAP9BlIwI"
    "bm8gYnl0ZXOUQwCUjAdvcmRlcmVklIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlCiMAXqUSwGMAWGUSwJ1jANi"
    "aWeUigkAAAAAAAAAAEBLBYwEZml2ZZSMBWVtcHR5lF2UKH2UXZSPlGWMBWFycmF5lJYCAAAAAAAAAHh5lHUu",
};

} // namespace

class TestPickle : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void python_data();
    void python();
    void values_data();
    void values();
    void objects_data();
    void objects();
    void wrongKinds();
    void sharing();
    void attributes();
    void storages();
    void bytesRead();
    void nodesKeepThePickle();
    void everyTruncationIsAnError();
    void descriptions();
};

void TestPickle::python_data()
{
    QTest::addColumn<int>("protocol");
    for (int protocol = 0; protocol < 6; ++protocol)
        QTest::addRow("protocol %d", protocol) << protocol;
}

// The same value in six protocols, written by Python itself.
void TestPickle::python()
{
    QFETCH(int, protocol);
    const std::string bytes = QByteArray::fromBase64(pythonPickles[protocol]).toStdString();
    const std::string big = protocol < 2 ? "int('1180591620717411303424',)" : "int(b'000000000000000040',)";
    const std::string expected = "{'text': 'Fe\u2013O \u00b5\n\\', 'none': None, 'yes': True, 'no': False, "
                                 "'list': [1, -2, 300, 70000], "
                                 "'same': [1, -2, 300, 70000], 'whole': (255, 256, 65535, 65536, -1, "
                                 "-5000000000, 4611686018427387904, "
                                 "-9223372036854775808, 9223372036854775807), 'real': [1.5f, -0f, 1e+300f, "
                                 "-inff], 'tuples': ((), (1,), "
                                 "(1, 2), (1, 2, 3), (1, 2, 3, 4)), 'set': set(7), 'frozen': set(8), "
                                 "'bytes': b'00ff41', 'no bytes': b'', "
                                 "'ordered': {'z': 1, 'a': 2}, 'big': " +
                                 big + ", 5: 'five', 'empty': [{}, [], set()], 'array': b'7879'}";
    QCOMPARE(read(bytes), expected);
    const PickleNode root = parsed(bytes, "test").root();
    QCOMPARE(root.find("list")->id(), root.find("same")->id());
    QVERIFY(root.find("list")->id() != root.find("real")->id());
}

void TestPickle::values_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const std::string& bytes, const char* expected) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes) << expected;
    };
    row("no PROTO", "N.", "None");
    row("POP",
        "K\x01K\x02"
        "0.",
        "1");
    row("POP of a mark", "K\x01(0.", "1");
    row("POP_MARK", "K\x01(NNN1.", "1");
    row("DUP",
        "K\x05"
        "2\x86.",
        "(5, 5)");
    row("PUT and GET", "K\x05p7\n0g7\n.", "5");
    row("BINPUT and BINGET",
        "K\x05q\x07"
        "0h\x07.",
        "5");
    row("LONG_BINPUT to the last number",
        "K\x05r\xff\xff\xff\xff"
        "0j\xff\xff\xff\xff.",
        "5");
    row("MEMOIZE",
        raw("\x80\x04]\x94K\x09\x94"
            "0h\x01\x86."),
        "([], 9)");
    row("a memo number given again",
        "K\x01q\x01"
        "0K\x02q\x01"
        "0h\x01.",
        "2");
    row("a memo number given out of order",
        raw("K\x01q\x01"
            "0K\x00q\x00"
            "0K\x02q\x01"
            "0h\x01h\x00\x86."),
        "(2, 0)");
    row("INT is a truth value", "I01\nI00\n\x86.", "(True, False)");
    row("INT", "I-17\n.", "-17");
    row("INT beyond 64 bits", "I-9223372036854775809\n.", "int('-9223372036854775809',)");
    row("LONG without L", "L5\n.", "5");
    row("LONG1 of nothing", raw("\x8a\x00."), "0");
    row("LONG1 negative", raw("\x8a\x01\xff."), "-1");
    row("LONG1 of 8 bytes", raw("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."), "-9223372036854775808");
    row("LONG1 with a sign byte more", raw("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\x00."),
        "9223372036854775807");
    row("LONG1 just beyond", raw("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00."),
        "int(b'000000000000008000',)");
    row("LONG1 just below", raw("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\xff."),
        "int(b'ffffffffffffff7fff',)");
    row("LONG4", raw("\x8b\x02\x00\x00\x00\x39\x30."), "12345");
    row("FLOAT", "F-2.5e3\n.", "-2500f");
    row("BINFLOAT", raw("G\x40\x09\x21\xfb\x54\x44\x2d\x18."), "3.141592653589793f");
    row("STRING", "S'a\\x41\\n\\\\\\'\\101\\q\"'\n.", "'aA\n\\'A\\q\"'");
    row("STRING in double quotes", "S\"it's\"\n.", "'it's'");
    row("BINSTRING", raw("T\x02\x00\x00\x00hi."), "'hi'");
    row("SHORT_BINSTRING", raw("U\x02hi."), "'hi'");
    row("UNICODE", "Vh\\u00e9\xe9\\U0001F600\\x\n.", "'h\u00e9\u00e9\U0001F600\\x'");
    row("BINUNICODE8", raw("\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi."), "'hi'");
    row("BINBYTES8", raw("\x8e\x02\x00\x00\x00\x00\x00\x00\x00hi."), "b'6869'");
    row("BYTEARRAY8", raw("\x96\x02\x00\x00\x00\x00\x00\x00\x00hi."), "b'6869'");
    row("FRAME", raw("\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N."), "None");
    row("LIST", raw("(K\x01K\x02l."), "[1, 2]");
    row("DICT",
        raw("(K\x01K\x02"
            "d."),
        "{1: 2}");
    row("APPEND",
        raw("]K\x01"
            "aK\x02"
            "a."),
        "[1, 2]");
    row("APPENDS of nothing", "](e.", "[]");
    row("SETITEM", raw("}K\x01Ns."), "{1: None}");
    row("FROZENSET", raw("(K\x01K\x02\x91."), "set(1, 2)");
    row("ADDITEMS", raw("\x8f(K\x01K\x02\x90."), "set(1, 2)");
    row("GLOBAL", "cnumpy.core\ndtype\n.", "<numpy.core.dtype>");
    row("STACK_GLOBAL",
        raw("\x8c\x01m\x8c\x03"
            "a.b\x93."),
        "<m.a.b>");
    row("EXT1", raw("\x82\x05."), "<copyreg.extension.5>");
    row("EXT2", raw("\x83\x05\x01."), "<copyreg.extension.261>");
    row("EXT4", raw("\x84\x05\x00\x01\x00."), "<copyreg.extension.65541>");
}

void TestPickle::values()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    const QString said =
        sentence([&] { QCOMPARE(QString::fromStdString(read(bytes.toStdString())), expected); });
    QVERIFY2(said.isEmpty(), qPrintable(said));
}

void TestPickle::objects_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const PickleWriter& writer, const char* expected) {
        QTest::newRow(name) << QByteArray::fromStdString(writer.finish()) << expected;
    };
    PickleWriter w;
    row("REDUCE", PickleWriter(w).call("m", "f", [] {}), "m.f()");
    row("a call of a call", PickleWriter(w).call("m", "f").tuple().raw("R"), "m.f()");
    row("NEWOBJ", PickleWriter(w).raw("cm\nC\nK\x03\x85\x81"), "m.C(3,)");
    row("BUILD",
        PickleWriter(w).raw("cm\nC\n)\x81K\x03"
                            "b"),
        "m.C()@3");
    row("BUILD twice",
        PickleWriter(w).raw("cm\nC\n)\x81K\x03"
                            "bK\x04"
                            "b"),
        "m.C()@4");
    row("NEWOBJ_EX", PickleWriter(w).raw("cm\nC\n)}U\x01xK\x03s\x92"), "m.C()@{'x': 3}");
    row("NEWOBJ_EX without keywords", PickleWriter(w).raw("cm\nC\n)}\x92"), "m.C()");
    row("INST", PickleWriter(w).raw("(K\x01K\x02im\nC\n"), "m.C(1, 2)");
    row("OBJ", PickleWriter(w).raw("(cm\nC\nK\x01K\x02o"), "m.C(1, 2)");
    row("reconstructor",
        PickleWriter(w).raw("ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR}b"), "m.C()@{}");
    row("a list of a class",
        PickleWriter(w).raw("cm\nL\n)\x81(K\x01K\x02"
                            "e"),
        "m.L()[1, 2]");
    row("a dictionary of a class", PickleWriter(w).raw("cm\nD\n)\x81(K\x01K\x02u"), "m.D()[1: 2]");
    row("OrderedDict", PickleWriter(w).raw("ccollections\nOrderedDict\n)RK\x01K\x02s}b"), "{1: 2}");
    row("OrderedDict by NEWOBJ", PickleWriter(w).raw("ccollections\nOrderedDict\n)\x81K\x01K\x02s"),
        "{1: 2}");
    row("OrderedDict of Python 2",
        PickleWriter(w).raw("ccollections\nOrderedDict\n](](K\x01K\x02"
                            "ee\x85R"),
        "{1: 2}");
    row("OrderedDict of pairs",
        PickleWriter(w).raw("ccollections\nOrderedDict\n](K\x01K\x02\x86K\x03K\x04\x86"
                            "e\x85R"),
        "{1: 2, 3: 4}");
    row("defaultdict", PickleWriter(w).raw("ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RK\x01K\x02s"),
        "{1: 2}");
    row("set",
        PickleWriter(w).raw("cbuiltins\nset\n](K\x01K\x02"
                            "e\x85R"),
        "set(1, 2)");
    row("frozenset of a tuple", PickleWriter(w).raw("cbuiltins\nfrozenset\nK\x01K\x02\x86\x85R"),
        "set(1, 2)");
    row("set of a number", PickleWriter(w).raw("cbuiltins\nset\nK\x02\x85R"), "builtins.set(2,)");
    row("Size", PickleWriter(w).raw("ctorch\nSize\nK\x01K\x02\x86\x85R"), "(1, 2)");
    row("bytes", PickleWriter(w).raw("c__builtin__\nbytes\n)R"), "b''");
    row("bytearray", PickleWriter(w).raw("cbuiltins\nbytearray\nC\x02hi\x85R"), "b'6869'");
    row("encode",
        PickleWriter(w).raw("c_codecs\nencode\nU\x03\xc3\xbf"
                            "AU\x06latin1\x86R"),
        "b'ff41'");
    row("encode by another codec",
        PickleWriter(w).raw("c_codecs\nencode\nU\x01"
                            "AU\x05utf-8\x86R"),
        "_codecs.encode('A', 'utf-8')");
    row("build_intlist",
        PickleWriter(w).raw("ctorch.jit._pickle\nbuild_intlist\n](K\x01K\x02"
                            "e\x85R"),
        "[1, 2]");
    row("restore_type_tag", PickleWriter(w).raw("ctorch.jit._pickle\nrestore_type_tag\n]U\x09List[int]\x86R"),
        "[]");
    row("graph module",
        PickleWriter(w).raw("ctorch.fx.graph_module\nreduce_graph_module\n}U\x01xK\x03sU\x02im\x86R"),
        "torch.fx.graph_module.reduce_graph_module({'x': 3}, 'im')@{'x': 3}");
    row("persistent id of another kind", PickleWriter(w).raw("U\x0ereduce_package\x85Q"),
        "persistent id('reduce_package',)");
    row("persistent id in a line", PickleWriter(w).raw("Pthing 5\n"), "persistent id('thing 5',)");
    row("persistent id that is no tuple", PickleWriter(w).raw("K\x05Q"), "persistent id(5,)");
    row("persistent class",
        PickleWriter(w).raw("(U\x06modulecm\nC\nU\x04"
                            "fileU\x06sourcetQ"),
        "<m.C>");
    row("metadata of a dictionary", PickleWriter(w).raw("}}b"), "{}");
}

void TestPickle::objects()
{
    values();
}

void TestPickle::wrongKinds()
{
    const std::string bytes = raw("\x80\x02(K\x05U\x03"
                                  "abc](NNet.");
    const PickleNode root = parsed(bytes, "model.pt").root();
    VERIFY_ERROR(root.integer(), "model.pt", "at byte 15", "a tuple with 3 items", "an integer was expected");
    VERIFY_ERROR(root.at(0).text(), "at byte 3", "the integer 5", "a text was expected");
    VERIFY_ERROR(root.at(0).boolean(), "truth value");
    VERIFY_ERROR(root.at(0).bytes(), "bytes was expected");
    VERIFY_ERROR(root.at(1).real(), "the text 'abc'", "a real number");
    VERIFY_ERROR(root.at(1).size(), "a value with items");
    VERIFY_ERROR(root.at(1).at(0), "a value with items");
    VERIFY_ERROR(root.at(3), "a tuple with 3 items", "number 4");
    VERIFY_ERROR(root.at(2).at(2), "a list with 2 items", "number 3");
    VERIFY_ERROR(root.keyAt(0), "a dictionary was expected");
    VERIFY_ERROR(root.find("x"), "a dictionary was expected");
    VERIFY_ERROR(root.className(), "name of a class");
    VERIFY_ERROR(root.arguments(), "an object");
    VERIFY_ERROR(root.state(), "an object");
    VERIFY_ERROR(root.attribute("x"), "an object");
    VERIFY_ERROR(root.storage(), "a storage");
    VERIFY_ERROR(root.tensor(), "a tensor");
    const PickleNode dictionary = parsed(raw("}K\x01Ns."), "model.pt").root();
    VERIFY_ERROR(dictionary.keyAt(1), "a dictionary with 1 entry", "key number 2");
    QCOMPARE(root.at(0).real(), 5.0);
    QCOMPARE(parsed("I01\n.", "x").root().integer(), std::int64_t{1});
}

void TestPickle::sharing()
{
    // A list within itself, and twice in a tuple.
    const PickleNode root = parsed(raw("]q\x05h\x05"
                                       "ah\x05\x86."),
                                   "test")
                                .root();
    QCOMPARE(root.at(0).id(), root.at(1).id());
    QCOMPARE(root.at(0).at(0).id(), root.at(0).id());
    QCOMPARE(root.at(0).at(0).at(0).at(0).size(), std::size_t{1});
    // The last of several values under one key.
    const PickleNode twice = parsed(raw("}(U\x01xK\x01U\x01xK\x02u."), "test").root();
    QCOMPARE(twice.find("x")->integer(), std::int64_t{2});
    QVERIFY(!twice.find("y"));
}

void TestPickle::attributes()
{
    const std::string plain = PickleWriter().objectWith("m", "C", [] {}).finish();
    const PickleNode empty = parsed(plain, "test").root();
    QVERIFY(empty.state() && !empty.attribute("x"));
    const std::string slots = raw("cm\nC\n)\x81}U\x01xK\x01s}U\x01yK\x02s\x86"
                                  "b.");
    const PickleNode both = parsed(slots, "test").root();
    QCOMPARE(both.attribute("x")->integer(), std::int64_t{1});
    QCOMPARE(both.attribute("y")->integer(), std::int64_t{2});
    QVERIFY(!both.attribute("z"));
    const PickleNode onlySlots = parsed(raw("cm\nC\n)\x81N}U\x01yK\x02s\x86"
                                            "b."),
                                        "test")
                                     .root();
    QCOMPARE(onlySlots.attribute("y")->integer(), std::int64_t{2});
    const PickleNode none = parsed(raw("cm\nC\n)\x81."), "test").root();
    QVERIFY(!none.state() && !none.attribute("x"));
    const PickleNode other = parsed(raw("cm\nC\n)\x81K\x07"
                                        "b."),
                                    "test")
                                 .root();
    QVERIFY(other.state() && !other.attribute("x"));
}

void TestPickle::storages()
{
    PickleWriter writer;
    writer.tuple([&] {
        writer.storage(ScalarKind::Float32, "3", 5).storage(ScalarKind::Int64, "1", 2);
        writer.tensor({{ScalarKind::Float64, "0", 9}, 0, {9}, {1}, false});
    });
    const std::string bytes = writer.finish();
    std::string keys;
    for (const StorageReference& storage : Pickle::parse(bytes, "test", {{}, "a/", ".b"}).storages())
        keys += storage.key + " " + std::to_string(storage.count) + ", ";
    QCOMPARE(keys, std::string("a/3.b 5, a/1.b 2, a/0.b 9, "));
}

void TestPickle::bytesRead()
{
    const std::string two = "N.K\x05.";
    const Pickle first = Pickle::parse(two, "test");
    QCOMPARE(first.bytesRead(), std::size_t{2});
    const Pickle second = Pickle::parse(std::string_view(two).substr(2), "test");
    QCOMPARE(second.root().integer(), std::int64_t{5});
    QCOMPARE(second.bytesRead(), std::size_t{3});
}

void TestPickle::nodesKeepThePickle()
{
    std::optional<PickleNode> inner;
    {
        const auto bytes = std::make_shared<std::string>(raw("]U\x05helloa."));
        inner = Pickle::parse(*bytes, "test", {bytes, "", ""}).root().at(0);
    }
    QCOMPARE(std::string(inner->text()), std::string("hello"));
}

void TestPickle::everyTruncationIsAnError()
{
    for (const char* text : pythonPickles) {
        const std::string whole = QByteArray::fromBase64(text).toStdString();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto part = std::make_unique<char[]>(size); // of its own, so that reading beyond is noticed
            std::copy_n(whole.begin(), size, part.get());
            const QString said = sentence([&] { Pickle::parse({part.get(), size}, "test"); });
            QVERIFY2(said.contains("at byte"), qPrintable(said));
        }
    }
}

void TestPickle::descriptions()
{
    const auto about = [](const std::string& bytes) { return describe(parsed(bytes, "test").root()); };
    QCOMPARE(about("]Na."), std::string("a list with 1 item"));
    QCOMPARE(about("}."), std::string("a dictionary with 0 entries"));
    QCOMPARE(about("ctorch.nn\nLinear\n)\x81."), std::string("the object torch.nn.Linear"));
    QCOMPARE(about("ctorch.nn\nLinear\n."), std::string("the name torch.nn.Linear"));
    QCOMPARE(about("U\x04"
                   "a\n\x1b"
                   "b."),
             std::string("the text 'a??b'"));
    QCOMPARE(about("B\x03" + raw("\0\0\0") + "abc."), std::string("3 bytes"));
    QCOMPARE(about(PickleWriter().tensor({{ScalarKind::Int8, "0", 6}, 0, {2, 3}, {3, 1}, false}).finish()),
             std::string("a tensor of shape (2, 3)"));
    QCOMPARE(about(PickleWriter().storage(ScalarKind::Int8, "0", 1).finish()),
             std::string("a storage of 1 number"));
    QCOMPARE(about(PickleWriter().text(std::string(1000, 'x')).finish()).size(), std::size_t{60 + 14});
}

QTEST_GUILESS_MAIN(TestPickle)
#include "tst_pickle.moc"
