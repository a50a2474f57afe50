// Texts of TorchScript read as data: statements, tensor networks, functions of an edge.
#include "checkpoints/torch/script_function.h"
#include "checkpoints/torch/script_program.h"
#include "checkpoints/torch/script_tensor.h"
#include "support/sentence.h"

#include <QtTest/QtTest>
#include <cmath>

using namespace lodestone;

namespace {

/// A module with this body, its lines indented by four spaces.
std::string module(const std::string& body)
{
    return "class Net(Module):\n"
           "  __parameters__ = []\n"
           "  def forward(self: __torch__.net.Net,\n"
           "    data: Dict[str, Tensor]) -> Dict[str, Tensor]:\n" +
           body + "    return data\n";
}

/// The node that the body stores as "out".
struct Read {
    ScriptProgram program;
    int out = -1;

    explicit Read(const std::string& body) : program(ScriptProgram::parse(module(body)))
    {
        for (const ScriptStore& store : program.stores())
            if (store.key == "out")
                out = store.value;
    }
};

/// The entry data[key] of the argument.
int entry(const ScriptProgram& program, const std::string& key)
{
    for (const int node : ancestors(program, program.stores().back().value))
        if (program.node(node).name == "data[" + key + "]")
            return node;
    return -1;
}

/// Of the product x[n, u] C[u, v] and the like: scalar, then labels of every factor and of the row,
/// renumbered in order of appearance.
QString networkOf(const std::string& body)
{
    const Read read(body);
    ScriptTensorReader reader(read.program, [](std::int64_t constant) {
        return constant == 0 ? std::vector<std::int64_t>{4, 6} : std::vector<std::int64_t>{1, 40};
    });
    reader.addRow(entry(read.program, "x"), 0, 12);
    if (const int y = entry(read.program, "y"); y >= 0)
        reader.addRow(y, 1, 4);
    std::string text;
    for (const ScriptProduct& product : reader.read(read.out).products) {
        std::map<int, int> numbers;
        const auto name = [&](int label) {
            return fmt::format("{}:{}",
                               numbers.emplace(label, static_cast<int>(numbers.size())).first->second,
                               reader.size(label));
        };
        text += fmt::format("{:.6g}", product.scalar);
        std::vector<ScriptFactor> factors = product.factors;
        std::sort(factors.begin(), factors.end(), [](const ScriptFactor& a, const ScriptFactor& b) {
            return std::pair(a.kind, a.source) < std::pair(b.kind, b.source);
        });
        for (const ScriptFactor& factor : factors) {
            text += fmt::format(" {}{}+{}[", factor.kind == ScriptFactor::Kind::Row ? 'r' : 'c',
                                factor.source, factor.offset);
            for (const int label : factor.labels)
                text += name(label) + " ";
            text += "]";
        }
        text += " ->";
        for (std::size_t i = 1; i < product.axes.size(); ++i) {
            text += " (";
            for (const int label : product.axes[i])
                text += name(label) + " ";
            text += ")";
        }
        text += "; ";
    }
    return QString::fromStdString(text);
}

} // namespace

class TestScriptText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void statements();
    void placesAndBranches();
    void inPlace();
    void whatIsNotUnderstood_data();
    void whatIsNotUnderstood();
    void linearMaps();
    void products();
    void networksThatAreNone_data();
    void networksThatAreNone();
    void columns();
    void functions();
    void textsMadeToGrow_data();
    void textsMadeToGrow();
};

void TestScriptText::statements()
{
    const Read read("    a = torch.mul(data[\"x\"], 2.5e-01)\n"
                    "    b: Tensor = annotate(Tensor, a)\n"
                    "    c, d, = ([1], [-2])\n"
                    "    _1 = [b, CONSTANTS.c12, \"text\", None]\n"
                    "    torch._set_item(data, \"out\", torch.add(_1, c, alpha=1))\n");
    const ScriptNode& sum = read.program.node(read.out);
    QVERIFY(sum.isCall("torch.add"));
    QCOMPARE(sum.arguments.size(), std::size_t{2}); // the keyword is dropped
    const ScriptNode& list = read.program.argument(read.out, 0);
    QCOMPARE(list.kind, ScriptNode::Kind::List);
    const ScriptNode& product = read.program.node(list.arguments[0]);
    QVERIFY(product.isCall("torch.mul"));
    QCOMPARE(product.line, 5);
    QCOMPARE(read.program.node(product.arguments[0]).name, std::string("data[x]"));
    QCOMPARE(read.program.node(product.arguments[1]).number, 0.25);
    QCOMPARE(read.program.node(list.arguments[1]).index, std::int64_t{12});
    QCOMPARE(read.program.node(list.arguments[2]).name, std::string("text"));
    QCOMPARE(read.program.node(read.program.argument(read.out, 1).arguments[0]).number, 1.0);
    VERIFY_ERROR(read.program.argument(read.out, 2), "line 9", "torch.add");
}

/// Entries of the dictionary and names mean what was last stored, in both branches of a condition.
void TestScriptText::placesAndBranches()
{
    const Read read("    torch._set_item(data, \"x\", CONSTANTS.c1)\n"
                    "    old = data[\"x\"]\n"
                    "    torch._set_item(data, \"x\", CONSTANTS.c2)\n"
                    "    if bool(torch.size(old)[0]):\n"
                    "      z = CONSTANTS.c3\n"
                    "    else:\n"
                    "      z = CONSTANTS.c4\n"
                    "      pass\n"
                    "    for _5 in range(3):\n"
                    "      old = torch.unsqueeze(old, -1)\n"
                    "    torch._set_item(data, \"out\", [old, data[\"x\"], z])\n");
    const ScriptProgram& program = read.program;
    QCOMPARE(program.stores().size(), std::size_t{3});
    const ScriptNode& looped = program.argument(read.out, 0);
    QCOMPARE(looped.kind, ScriptNode::Kind::Loop);
    QCOMPARE(program.node(looped.arguments[0]).index, std::int64_t{1});
    QCOMPARE(program.argument(read.out, 1).index, std::int64_t{2});
    const ScriptNode& choice = program.argument(read.out, 2);
    QCOMPARE(choice.kind, ScriptNode::Kind::Choice);
    QVERIFY(program.node(choice.arguments[0]).isCall("bool"));
    QCOMPARE(program.node(choice.arguments[1]).index, std::int64_t{3});
    QCOMPARE(program.node(choice.arguments[2]).index, std::int64_t{4});
}

void TestScriptText::inPlace()
{
    const Read read("    a = torch.ones_like(data[\"x\"])\n"
                    "    _1 = torch.mul_(a, CONSTANTS.c1)\n"
                    "    b = torch.new_zeros(a, [7, 9])\n"
                    "    _2 = torch.copy_(torch.narrow(b, -1, 2, 3), CONSTANTS.c2)\n"
                    "    torch._set_item(data, \"out\", [a, b])\n");
    QVERIFY(read.program.argument(read.out, 0).isCall("torch.mul_"));
    const ScriptNode& paste = read.program.argument(read.out, 1);
    QCOMPARE(paste.kind, ScriptNode::Kind::Paste);
    QCOMPARE(paste.number, 2.0);
    QCOMPARE(paste.index, std::int64_t{3});
    QVERIFY(read.program.node(paste.arguments[0]).isCall("torch.new_zeros"));
    QCOMPARE(read.program.node(paste.arguments[1]).index, std::int64_t{2});
}

void TestScriptText::whatIsNotUnderstood_data()
{
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("part");
    QTest::newRow("operator") << "    a = b + c\n"
                              << "line 5: '+'";
    QTest::newRow("bracket") << "    a = f(b]\n"
                             << "line 5: ')'";
    QTest::newRow("text") << "    a = \"b\n"
                          << "line 5: a text does not end";
    QTest::newRow("sign") << "    a = -b\n"
                          << "line 5: a minus sign";
    QTest::newRow("constant") << "    a = CONSTANTS.cc\n"
                              << "line 5: 'CONSTANTS.cc' is no constant";
    QTest::newRow("block") << "    if a:\n    b = c\n"
                           << "line 5: a block is missing";
    QTest::newRow("indentation") << "      a = b\n    c = d\n        e = f\n"
                                 << "indentation";
    QTest::newRow("number") << "    a = 1.2.3\n"
                            << "line 5: '1.2.3' is no number";
    QTest::newRow("loop with a store")
        << "    for i in range(2):\n      torch._set_item(data, \"x\", CONSTANTS.c1)\n"
        << "a loop changes";
    QString deep;
    for (int i = 0; i < 100; ++i)
        deep += QString(4 + i, ' ') + "if a:\n";
    QTest::newRow("blocks in blocks") << deep + QString(104, ' ') + "pass\n"
                                      << "nested too deeply";
    QTest::newRow("brackets") << "    a = " + QString(100, '[') + "\n"
                              << "nested too deeply";
}

void TestScriptText::whatIsNotUnderstood()
{
    QFETCH(QString, body);
    QFETCH(QString, part);
    const QString said = sentence([&] { ScriptProgram::parse(module(body.toStdString())); });
    QVERIFY2(said.contains(part), qPrintable("the sentence was: '" + said + "'"));
}

/// However the factor, the slices and the contraction are written, the same network comes out.
void TestScriptText::linearMaps()
{
    const QString expected = "0.5 r0+0[0:4 1:3 ] c0+0[0:4 2:6 ] -> (2:6 1:3 ); ";
    const std::string begin = "    x = torch.reshape(data[\"x\"], [torch.size(data[\"x\"])[0], 4, 3])\n";
    const std::string end = "    torch._set_item(data, \"out\", torch.reshape(p, [-1, 18]))\n";
    QCOMPARE(networkOf(begin +
                       "    t = torch.tensordot(torch.mul(x, 0.5), CONSTANTS.c0, [1], [0])\n"
                       "    p = torch.permute(t, [0, 2, 1])\n" +
                       end),
             expected);
    QCOMPARE(networkOf(begin +
                       "    w = torch.div(CONSTANTS.c0, torch.pow(4., 0.5))\n"
                       "    p = torch.einsum(\"zui,uv->zvi\", [x, w])\n" +
                       end),
             expected);
    // A flat tensor, cut up.
    QCOMPARE(networkOf(begin +
                       "    w = torch.reshape(torch.narrow(CONSTANTS.c1, -1, 8, 24), [4, 6])\n"
                       "    p = torch.einsum(\"uv,zui->zvi\", [torch.mul(0.5, w), x])\n" +
                       end),
             QString("0.5 r0+0[0:4 1:3 ] c1+8[0:4 2:6 ] -> (2:6 1:3 ); "));
    // Columns of a row; one channel has no label.
    QCOMPARE(networkOf("    x = torch.slice(torch.slice(data[\"x\"], 0, 0, 9223372036854775807), 1, 8, 12)\n"
                       "    p = torch.matmul(x, CONSTANTS.c0)\n"
                       "    q = torch.matmul(torch.narrow(data[\"x\"], 1, 2, 4), CONSTANTS.c0)\n"
                       "    torch._set_item(data, \"out\", torch.add(p, q))\n"),
             QString("1 r0+8[0:4 ] c0+0[0:4 1:6 ] -> (1:6 ); 1 r0+2[0:4 ] c0+0[0:4 1:6 ] -> (1:6 ); "));
    QCOMPARE(networkOf("    x = torch.unsqueeze(torch.narrow(data[\"x\"], -1, 5, 1), -1)\n"
                       "    torch._set_item(data, \"out\", torch.reshape(x, [-1, 1]))\n"),
             QString("1 r0+5[] -> (); "));
}

void TestScriptText::products()
{
    const std::string begin =
        "    x = torch.reshape(data[\"x\"], [-1, 4, 3])\n    y = torch.reshape(data[\"y\"], [-1, 4, 1])\n";
    const QString expected = "1 r0+0[0:4 1:3 ] r1+0[0:4 ] -> (0:4 1:3 ); ";
    for (const char* product : {"torch.mul(x, y)", "torch.mul(y, x)",
                                "torch.einsum(\"zab,za->zab\", [x, torch.reshape(y, [-1, 4])])",
                                "torch.einsum(\"zab,zac->zab\", [x, y])"})
        QCOMPARE(networkOf(begin + "    torch._set_item(data, \"out\", torch.reshape(" + product +
                           ", [-1, 12]))\n"),
                 expected);
    // An outer product, and a trace over it.
    QCOMPARE(
        networkOf(begin + "    torch._set_item(data, \"out\", torch.einsum(\"zab,zcd->zbca\", [x, y]))\n"),
        QString("1 r0+0[0:4 1:3 ] r1+0[2:4 ] -> (1:3 ) (2:4 ) (0:4 ); "));
    QCOMPARE(networkOf(begin + "    torch._set_item(data, \"out\", torch.einsum(\"zab,zad->zb\", [x, y]))\n"),
             QString("1 r0+0[0:4 1:3 ] r1+0[0:4 ] -> (1:3 ); "));
}

void TestScriptText::networksThatAreNone_data()
{
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* value, const char* part) { QTest::newRow(value) << value << part; };
    row("torch.sin(data[\"x\"])", "torch.sin is not known");
    row("torch.reshape(data[\"x\"], [-1, 5, 2])", "reshape");
    row("torch.reshape(data[\"x\"], [-1, 13])", "reshape");
    row("torch.reshape(data[\"x\"], [4, 3])", "mixes the batch");
    row("torch.narrow(data[\"x\"], -1, 10, 3)", "columns");
    row("torch.narrow(torch.reshape(data[\"x\"], [-1, 4, 3]), 2, 0, 1)", "inner axis");
    row("torch.slice(data[\"x\"], 0, 0, 3)", "part of the batch");
    row("torch.matmul(data[\"x\"], CONSTANTS.c0)", "different lengths");
    row("torch.einsum(\"za->z\", [data[\"x\"], data[\"x\"]])", "another number of axes");
    row("torch.einsum(\"za,za->a\", [data[\"x\"], data[\"x\"]])", "sums over the batch");
    row("torch.einsum(\"za->zb\", [data[\"x\"]])", "that no operand has");
    row("torch.add(data[\"x\"], torch.reshape(data[\"x\"], [-1, 4, 3]))", "differ in shape");
    row("torch.div(data[\"x\"], data[\"x\"])", "a number was expected");
    row("torch.permute(data[\"x\"], [0])", "number of axes");
    row("torch.permute(data[\"x\"], [0, 3])", "does not exist");
    row("data[\"z\"]", "not understood");
    row("torch.narrow(data[\"x\"], -1, 5, 1e300)", "columns");
    row("torch.reshape(data[\"x\"], [-1, 1000000000, 1000000000, 1000000000])", "reshape");
}

void TestScriptText::networksThatAreNone()
{
    QFETCH(QString, value);
    QFETCH(QString, part);
    const std::string body = "    _1 = data[\"x\"]\n    torch._set_item(data, \"out\", " +
                             value.toStdString() +
                             ")\n    torch._set_item(data, \"last\", [_1, data[\"out\"]])\n";
    const QString said = sentence([&] { networkOf(body); });
    QVERIFY2(said.contains(part) && said.contains("line 6"), qPrintable("the sentence was: '" + said + "'"));
}

void TestScriptText::columns()
{
    const Read read(
        "    a = torch.new_zeros(data[\"x\"], torch.add(torch.slice(torch.size(data[\"x\"]), 0, -1), [6]))\n"
        "    _1 = torch.copy_(torch.narrow(a, -1, 0, 2), torch.narrow(data[\"x\"], -1, 10, 2))\n"
        "    _2 = torch.copy_(torch.narrow(a, -1, 2, 4), torch.narrow(data[\"x\"], -1, 3, 4))\n"
        "    torch._set_item(data, \"out\", torch.narrow(a, -1, 1, 4))\n");
    ScriptTensorReader reader(read.program, {});
    reader.addRow(entry(read.program, "x"), 7, 12);
    const ScriptTensorReader::Columns columns = reader.columns(read.out, 1, 3);
    QCOMPARE(columns.source, std::int64_t{7});
    QCOMPARE(columns.first, std::int64_t{3});
    QCOMPARE(columns.count, std::int64_t{3});
    QCOMPARE(reader.columns(read.out, 0, 1).first, std::int64_t{11});
    VERIFY_ERROR(reader.columns(read.out, 0, 2), "across parts");
    VERIFY_ERROR(reader.columns(read.out, 2, 3), "do not exist");
}

void TestScriptText::functions()
{
    const Read read("    r = torch.linalg_norm(data[\"x\"], None, [-1])\n"
                    "    s = torch.where(torch.lt(r, 2.), 1., torch.neg(torch.pow(r, 2)))\n"
                    "    u = torch.div(torch.select(data[\"x\"], -1, 1), r)\n"
                    "    w = torch.sin(torch.mul(CONSTANTS.c0, torch.unsqueeze(r, -1)))\n"
                    "    torch._set_item(data, \"out\", torch.cat([torch.stack([s, u], -1), w]))\n");
    const ScriptFunction function(read.program, [](std::int64_t) { return std::vector<double>{1, 2}; });
    const int x = entry(read.program, "x");
    QCOMPARE(function(read.out, {{x, {3, 4, 0}}}),
             (std::vector<double>{-25, 0.8, std::sin(5.0), std::sin(10.0)}));
    QCOMPARE(function(read.out, {{x, {0, 1, 0}}}).front(), 1.0);
    VERIFY_ERROR(function(read.out, {}), "not understood");
    VERIFY_ERROR(function(read.out, {{x, {3}}}), "a component does not exist");
    const Read other("    torch._set_item(data, \"out\", torch.erfc(data[\"x\"]))\n");
    VERIFY_ERROR(ScriptFunction(other.program, {})(other.out, {{entry(other.program, "x"), {1}}}),
                 "torch.erfc is not known");
}

void TestScriptText::textsMadeToGrow_data()
{
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("step"); // makes a%2 of a%1
    QTest::newRow("squares") << "torch.reshape(data[\"x\"], [-1, 12])"
                             << "torch.mul(a%1, a%1)";
    QTest::newRow("sums") << "torch.reshape(data[\"x\"], [-1, 12])"
                          << "torch.add(a%1, a%1)";
    QTest::newRow("numbers") << "torch.mul(1., 1.)"
                             << "torch.mul(a%1, a%1)";
    QTest::newRow("nesting") << "torch.reshape(data[\"x\"], [-1, 12])"
                             << "torch.mul(a%1, 2.)";
}

/// Each line doubles the work or goes one deeper; the answer must come at once, whatever it is.
void TestScriptText::textsMadeToGrow()
{
    QFETCH(QString, first);
    QFETCH(QString, step);
    QString body = "    a0 = " + first + "\n";
    for (int i = 0; i < 20000; ++i)
        body += QString("    a%1 = ").arg(i + 1) + step.arg(i) + "\n";
    body += "    torch._set_item(data, \"out\", torch.mul(data[\"x\"], a20000))\n";
    const QString said = sentence([&] { networkOf(body.toStdString()); });
    QVERIFY2(said.contains("too") || said.contains("more than") || said.contains("not known") ||
                 said.contains("not understood"),
             qPrintable(said));
}

QTEST_GUILESS_MAIN(TestScriptText)
#include "tst_script_text.moc"
