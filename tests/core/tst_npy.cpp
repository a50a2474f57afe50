#include "formats/npy.h"
#include "support/npy_files.h"
#include "support/sentence.h"

#include <QtTest/QtTest>
#include <limits>

using namespace lodestone;

static const std::string usual = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
static const std::vector<double> six = {1, -2.5, 3e300, 4, 5, std::numeric_limits<double>::denorm_min()};

static NpyArray read(const std::string& bytes)
{
    return readNpy(bytes, "a.npy");
}

static NpyArray withHeader(const std::string& header)
{
    return read(npyBytes<double>(header, six));
}

static NpyArray withShape(const std::string& shape)
{
    return read(npyBytes(shape, six));
}

class TestNpy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAndShape()
    {
        for (const int version : {1, 2}) {
            const NpyArray array = read(npyBytes<double>(usual, six, version));
            QCOMPARE(array.shape(), (std::vector<std::size_t>{2, 3}));
            QCOMPARE(array.size(), std::size_t{6});
            for (std::size_t i = 0; i < 6; ++i)
                QCOMPARE(array[i], six[i]);
            QCOMPARE(array.shapeText(), std::string("(2, 3)"));
        }
        const NpyArray single =
            read(npyBytes<float>("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", {0.1F, -7.0F}));
        QCOMPARE(single[0], static_cast<double>(0.1F));
        QCOMPARE(single[1], -7.0);
        QCOMPARE(single.shapeText(), std::string("(2,)"));
    }

    void otherSpellingsOfTheHeader()
    {
        // Keys in another order, no comma at the end, double quotes, Python 2's long integers.
        QCOMPARE(withHeader("{\"shape\":(3L, 2L),\"fortran_order\":False,\"descr\":\"<f8\"}").shape(),
                 (std::vector<std::size_t>{3, 2}));
        QCOMPARE(withShape("(6,)").size(), std::size_t{6});
        QCOMPARE(read(npyBytes("()", {4.5})).size(), std::size_t{1});
        QCOMPARE(read(npyBytes("(0, 96)", {})).shape(), (std::vector<std::size_t>{0, 96}));
        QCOMPARE(read(npyBytes("(9223372036854775807, 0)", {})).size(), std::size_t{0});
    }

    void everyCutIsNoticed()
    {
        const std::string whole = npyBytes<double>(usual, six);
        for (std::size_t size = 0; size < whole.size(); ++size)
            VERIFY_ERROR(read(whole.substr(0, size)), "a.npy", size < 6 ? "NUMPY" : "cut off");
        VERIFY_ERROR(read(whole + "x"), "a.npy", "49 bytes", "(2, 3)", "48");
    }

    void shapesThatDoNotFit()
    {
        VERIFY_ERROR(withShape("(2, 4)"), "a.npy", "cut off", "(2, 4)", "48 bytes");
        VERIFY_ERROR(withShape("(2, 2)"), "48 bytes", "needs 32");
        VERIFY_ERROR(withShape("(-2, -3)"), "a.npy", "'-2'", "no whole number");
        // Products beyond what 64 bits hold.
        VERIFY_ERROR(withShape("(4294967296, 4294967296)"), "cut off");
        VERIFY_ERROR(withShape("(9223372036854775807, 3, 9223372036854775807)"), "cut off");
        VERIFY_ERROR(withShape("(2305843009213693953, 8)"), "cut off");
        VERIFY_ERROR(withShape("(99999999999999999999,)"), "no whole number");
        VERIFY_ERROR(withShape("(2.0, 3)"), "no whole number");
        std::string many = "(";
        for (int k = 0; k < 33; ++k)
            many += "1, ";
        VERIFY_ERROR(withShape(many + ")"), "32 axes");
    }

    void otherKindsOfNumbers()
    {
        const auto ofType = [](const std::string& type) {
            return withHeader("{'descr': " + type + ", 'fortran_order': False, 'shape': (2, 3), }");
        };
        for (const char* type : {"'>f8'", "'<i8'", "'<c16'", "'|O'", "'<f2'", "'|b1'"})
            VERIFY_ERROR(ofType(type), "a.npy", type, "float64", "astype");
        VERIFY_ERROR(ofType("[('x', '<f8'), ('y', '<f8')]"), "a.npy", "table");
        VERIFY_ERROR(withHeader("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }"), "a.npy",
                     "fortran_order", "ascontiguousarray");
        VERIFY_ERROR(read(npyBytes<double>(usual, six, 3)), "a.npy", "version 3.0");
    }

    void headersThatAreNone()
    {
        for (const char* header :
             {"", "{", "{}", "[1, 2]", "{'descr': '<f8'}", "{'descr' '<f8'}", "{'descr: 1}",
              "{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 3)}",
              "{'descr': '<f8', 'fortran_order': False, 'shape': 6}",
              "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3}",
              "{'descr': '<f8', 'fortran_order': False, 'shape': (2 3)}",
              "{'descr': '<f8', 'fortran_order': False, 'shape': (,)}",
              "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)} more",
              "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}",
              "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), 'more': 1}"})
            VERIFY_ERROR(withHeader(header), "a.npy", "the header of the NumPy file", "numpy.save");
        VERIFY_ERROR(read("12 atoms\n"), "a.npy", "no NumPy file");
    }
};

QTEST_GUILESS_MAIN(TestNpy)
#include "tst_npy.moc"
