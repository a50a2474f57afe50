// Memory that is kept: what is reused, what goes back to the system, how much there is at most.
#include "base/block_cache.h"

#include <QtTest/QtTest>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <thread>

using namespace lodestone;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

void fill(void* block, std::size_t size, int value)
{
    std::memset(block, value, size);
}

bool holds(const void* block, std::size_t size, int value)
{
    const auto* const bytes = static_cast<const unsigned char*>(block);
    return bytes[0] == value && bytes[size / 2] == value && bytes[size - 1] == value;
}

} // namespace

class TestBlockCache : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reuses();
    void littleMoreThanWasTaken();
    void keepsWithinTheLimit();
    void releases();
    void impossible();
    void limited();
    void randomUse();
    void threads();
};

void TestBlockCache::reuses()
{
    BlockCache cache;
    void* const first = cache.take(5 * mib + 3);
    QCOMPARE(reinterpret_cast<std::uintptr_t>(first) % (2 * mib), std::uintptr_t{0});
    void* const other = cache.take(100000);
    QCOMPARE(reinterpret_cast<std::uintptr_t>(other) % 4096, std::uintptr_t{0});
    cache.give(first);
    void* const small = cache.take(2 * mib); // most of the first would lie idle
    QCOMPARE(cache.taken(), 2 * mib + 25 * 4096);
    cache.give(small);
    cache.give(other);
    QCOMPARE(cache.take(99000), other);
    cache.give(other);
    QVERIFY(cache.take(100000) == other);
    cache.give(other);
}

/// What is kept goes before the sum exceeds the most that was ever taken by more than a quarter.
void TestBlockCache::littleMoreThanWasTaken()
{
    BlockCache cache;
    void* const a = cache.take(8 * mib);
    void* const b = cache.take(4 * mib);
    cache.give(b);
    cache.give(a);
    QCOMPARE(cache.kept(), 12 * mib);
    void* const c = cache.take(6 * mib); // fits neither; b, the oldest, goes, and that is enough: 15
    QCOMPARE(cache.taken(), 6 * mib);
    QCOMPARE(cache.kept(), 8 * mib);
    void* const d = cache.take(6 * mib); // now a goes
    QCOMPARE(cache.taken(), 12 * mib);
    QCOMPARE(cache.kept(), std::size_t{0});
    cache.give(c);
    void* const e = cache.take(7 * mib); // c goes; a new most
    QCOMPARE(cache.kept() + cache.taken(), 13 * mib);
    cache.give(d);
    cache.give(e);
    QCOMPARE(cache.kept(), 13 * mib);
}

/// The room for what is kept ends at the limit.
void TestBlockCache::keepsWithinTheLimit()
{
    BlockCache cache;
    cache.limit(13 * mib);
    void* const a = cache.take(8 * mib);
    void* const b = cache.take(4 * mib);
    cache.give(b);
    cache.give(a);
    void* const c = cache.take(6 * mib);
    QCOMPARE(cache.kept() + cache.taken(), 6 * mib); // 14 would be too many
    void* const d = cache.take(7 * mib);
    QCOMPARE(cache.taken(), 13 * mib);
    cache.give(c);
    cache.give(d);
}

void TestBlockCache::releases()
{
    BlockCache cache;
    void* const a = cache.take(3 * mib);
    void* const b = cache.take(3 * mib);
    void* const c = cache.take(3 * mib);
    cache.give(a);
    cache.give(b);
    cache.release(4 * mib);
    QCOMPARE(cache.kept(), 3 * mib);
    QCOMPARE(cache.take(3 * mib), b);
    cache.give(b);
    cache.release();
    QCOMPARE(cache.kept(), std::size_t{0});
    // The most counts anew: beside c there is room for one block, not for two.
    void* const d = cache.take(3 * mib);
    cache.give(d);
    cache.give(c);
    QCOMPARE(cache.kept(), 6 * mib);
    // Releases, however many, give no room for more.
    BlockCache server;
    for (std::size_t i = 0; i < 40; ++i) {
        void* const block = server.take((80 + i % 20) * mib);
        server.give(block);
        server.release(256 * mib);
        QVERIFY(server.kept() <= 125 * mib);
    }
}

void TestBlockCache::impossible()
{
    BlockCache cache;
    void* const a = cache.take(mib);
    cache.give(a);
    QVERIFY_EXCEPTION_THROWN(cache.take(std::size_t{1} << 60), std::bad_alloc);
    QCOMPARE(cache.taken(), std::size_t{0});
    QCOMPARE(cache.take(mib), a);
    cache.give(a);
}

/// A limit holds for what is taken; what is kept goes when it is lowered.
void TestBlockCache::limited()
{
    BlockCache cache;
    void* const a = cache.take(4 * mib);
    void* const b = cache.take(4 * mib);
    cache.give(b);
    cache.limit(7 * mib);
    QCOMPARE(cache.kept(), std::size_t{0});
    QVERIFY_EXCEPTION_THROWN(cache.take(4 * mib), std::bad_alloc);
    QVERIFY_EXCEPTION_THROWN(cache.take(std::size_t{0} - 1), std::bad_alloc);
    QCOMPARE(cache.taken(), 4 * mib);
    void* const c = cache.take(3 * mib);
    cache.limit(2 * mib); // below what is taken: that stays
    QCOMPARE(cache.taken(), 7 * mib);
    cache.give(a);
    cache.give(c);
    QVERIFY_EXCEPTION_THROWN(cache.take(3 * mib), std::bad_alloc);
    void* const d = cache.take(2 * mib);
    cache.give(d);
}

/// Blocks never overlap, whatever is taken and given back.
void TestBlockCache::randomUse()
{
    struct Block {
        void* start;
        std::size_t size;
        int value;
    };
    BlockCache cache;
    std::mt19937 random(3);
    std::vector<Block> blocks;
    std::size_t taken = 0, most = 0;
    for (int i = 0; i < 4000; ++i) {
        if (blocks.size() < 12 && random() % 2 == 0) {
            const std::size_t size = 1 + random() % (random() % 4 == 0 ? 5 * mib : mib / 8);
            blocks.push_back({cache.take(size), size, static_cast<int>(random() % 256)});
            fill(blocks.back().start, size, blocks.back().value);
        } else if (!blocks.empty()) {
            std::swap(blocks[random() % blocks.size()], blocks.back());
            QVERIFY(holds(blocks.back().start, blocks.back().size, blocks.back().value));
            cache.give(blocks.back().start);
            blocks.pop_back();
        }
        taken = 0;
        for (const Block& block : blocks)
            taken += block.size;
        QVERIFY(cache.taken() >= taken);
        most = std::max(most, cache.taken());
        QVERIFY(cache.taken() + cache.kept() <= most + most / 4);
    }
    for (const Block& block : blocks)
        cache.give(block.start);
    QCOMPARE(cache.taken(), std::size_t{0});
}

void TestBlockCache::threads()
{
    BlockCache cache;
    std::atomic<int> wrong{0};
    const auto work = [&](int value) {
        std::mt19937 random(static_cast<unsigned>(value));
        for (int i = 0; i < 2000; ++i) {
            const std::size_t size = 70000 + random() % 70000;
            void* const block = cache.take(size);
            fill(block, size, value);
            wrong += !holds(block, size, value);
            cache.give(block);
        }
    };
    std::thread first(work, 1), second(work, 2);
    first.join();
    second.join();
    QCOMPARE(wrong.load(), 0);
    QCOMPARE(cache.taken(), std::size_t{0});
}

QTEST_APPLESS_MAIN(TestBlockCache)
#include "tst_block_cache.moc"
