#include "ranks/ranks.h"

#include "base/error.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <spdlog/spdlog.h>
#include <thread>
#include <unistd.h>
#if LODESTONE_MPI
#include <mpi.h>
#if defined(OMPI_MAJOR_VERSION)
#include <mpi-ext.h>
#endif
#endif

namespace lodestone {

#if LODESTONE_MPI

namespace {

using Clock = std::chrono::steady_clock;

/// MPI counts in int.
constexpr std::size_t largestPiece = std::size_t{1} << 28;

bool isAlive(int pid)
{
    if (::kill(pid, 0) != 0 && errno == ESRCH)
        return false;
    // One that has ended and waits for its parent to notice does not compute any more.
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto name = text.rfind(')');
    return name == text.npos || name + 2 >= text.size() || text[name + 2] != 'Z';
}

std::string hostName()
{
    char name[256] = {};
    ::gethostname(name, sizeof(name) - 1);
    return name;
}

} // namespace

struct Ranks::State {
    int rank = 0, size = 1;
    bool broken = false;
    std::function<void()> poll;
    Clock::time_point lastLook = Clock::now();
    std::vector<std::string> hosts;
    struct Peer {
        int rank, pid;
    };
    std::vector<Peer> watched; ///< processes that can be seen from here

    static void check(int code)
    {
        if (code == MPI_SUCCESS)
            return;
        char text[MPI_MAX_ERROR_STRING] = {};
        int length = 0;
        MPI_Error_string(code, text, &length);
        fail("The processes of the run lost each other (MPI: {}). The last checkpoint stands.", text);
    }

    void look()
    {
        if (Clock::now() - lastLook < std::chrono::milliseconds(20))
            return;
        lastLook = Clock::now();
        for (const Peer& peer : watched)
            if (!isAlive(peer.pid)) {
                fail("Process {} of {} of the run (on {}) has ended. The last checkpoint stands.", peer.rank,
                     size, hosts[std::size_t(peer.rank)]);
            }
        if (poll)
            poll();
    }

    /// patient: others may still compute; else all are there and only data moves, by these very calls.
    template<class Done>
    void waitUntil(const Done& done, bool patient)
    {
        const auto start = Clock::now();
        while (!done()) {
            look();
            const auto waited = Clock::now() - start;
            if (patient && waited > std::chrono::milliseconds(2))
                std::this_thread::sleep_for(
                    std::chrono::microseconds(waited > std::chrono::seconds(1) ? 1000 : 100));
            else
                std::this_thread::yield();
        }
    }

    void wait(MPI_Request& request, bool patient)
    {
        const auto done = [&request] {
            int flag = 0;
            check(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
            return flag != 0;
        };
        waitUntil(done, patient);
    }

    /// One operation of all: whatever it throws leaves the others waiting for the rest of it.
    template<class Work>
    auto together(const Work& work)
    {
        if (broken)
            throw InternalError("The processes of the run have lost each other already.");
        try {
            return work();
        } catch (...) {
            broken = true;
            throw;
        }
    }

    void meet()
    {
        MPI_Request request;
        check(MPI_Ibarrier(MPI_COMM_WORLD, &request));
        wait(request, true);
    }

    void broadcast(void* data, std::size_t bytes)
    {
        auto* at = static_cast<char*>(data);
        for (std::size_t done = 0; done < bytes; done += largestPiece) {
            MPI_Request request;
            check(MPI_Ibcast(at + done, int(std::min(largestPiece, bytes - done)), MPI_BYTE, 0,
                             MPI_COMM_WORLD, &request));
            wait(request, false);
        }
    }

    template<class Number>
    void sum(Number* data, std::size_t count, MPI_Datatype type)
    {
        meet();
        std::vector<Number> total(rank == 0 ? std::min(largestPiece, count) : 0);
        for (std::size_t done = 0; done < count; done += largestPiece) {
            const std::size_t piece = std::min(largestPiece, count - done);
            MPI_Request request;
            check(MPI_Ireduce(data + done, total.data(), int(piece), type, MPI_SUM, 0, MPI_COMM_WORLD,
                              &request));
            wait(request, false);
            if (rank == 0)
                std::copy_n(total.begin(), piece, data + done);
        }
    }

    void broadcastInPlace(void* data, std::size_t bytes)
    {
        meet();
        auto* at = static_cast<char*>(data);
        for (std::size_t done = 0; done < bytes; done += largestPiece)
            check(
                MPI_Bcast(at + done, int(std::min(largestPiece, bytes - done)), MPI_BYTE, 0, MPI_COMM_WORLD));
    }

    template<class Number>
    void sumInPlace(Number* data, std::size_t count, MPI_Datatype type)
    {
        meet();
        for (std::size_t done = 0; done < count; done += largestPiece) {
            const int piece = int(std::min(largestPiece, count - done));
            check(MPI_Reduce(rank == 0 ? MPI_IN_PLACE : data + done, rank == 0 ? data + done : nullptr, piece,
                             type, MPI_SUM, 0, MPI_COMM_WORLD));
        }
    }

    void exchange(char* data, std::size_t bytes, int other, bool sends)
    {
        for (std::size_t done = 0; done < bytes; done += largestPiece) {
            const int piece = int(std::min(largestPiece, bytes - done));
            MPI_Request request;
            check(sends ? MPI_Isend(data + done, piece, MPI_BYTE, other, 0, MPI_COMM_WORLD, &request)
                        : MPI_Irecv(data + done, piece, MPI_BYTE, other, 0, MPI_COMM_WORLD, &request));
            wait(request, false);
        }
    }

    std::vector<std::string> gather(const std::string& own)
    {
        meet();
        std::vector<std::string> all = {own};
        std::uint64_t size = own.size();
        auto* const sizeBytes = reinterpret_cast<char*>(&size);
        if (rank > 0) {
            exchange(sizeBytes, sizeof(size), 0, true);
            exchange(all.front().data(), size, 0, true);
            return {};
        }
        for (int other = 1; other < this->size; ++other) {
            exchange(sizeBytes, sizeof(size), other, false);
            std::string& text = all.emplace_back(size, '\0');
            exchange(text.data(), size, other, false);
        }
        return all;
    }
};

Ranks::Ranks() : m_state(std::make_unique<State>())
{
    int provided = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        throw Error("MPI does not start; see its message above.");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &m_state->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &m_state->size);
    const std::string own = hostName();
    std::string all;
    for (const std::string& text : gather(std::to_string(::getpid()) + " " + own))
        all += text + "\n";
    broadcast(all);
    std::size_t begin = 0;
    for (int rank = 0; rank < m_state->size; ++rank) {
        const auto end = all.find('\n', begin), space = all.find(' ', begin);
        const int pid = std::stoi(all.substr(begin, space - begin));
        m_state->hosts.push_back(all.substr(space + 1, end - space - 1));
        begin = end + 1;
        // The leader looks after all, the others after the leader. In another namespace of processes it
        // cannot be seen, though it lives.
        const bool concerns = rank != m_state->rank && (m_state->rank == 0 || rank == 0);
        if (concerns && m_state->hosts.back() == own && isAlive(pid))
            m_state->watched.push_back({rank, pid});
    }
    spdlog::debug("process {} of {} on {}", m_state->rank, m_state->size, own);
}

Ranks::~Ranks()
{
    if (!m_state->broken)
        MPI_Finalize(); // would wait for ever for those that are gone
}

void Ranks::broadcast(void* data, std::size_t bytes)
{
    m_state->together([&] {
        m_state->meet();
        m_state->broadcast(data, bytes);
    });
}

void Ranks::broadcast(std::string& text)
{
    m_state->together([&] {
        std::uint64_t size = text.size();
        m_state->meet();
        m_state->broadcast(&size, sizeof(size));
        text.resize(size);
        m_state->broadcast(text.data(), size);
    });
}

void Ranks::sum(float* data, std::size_t count)
{
    m_state->together([&] { m_state->sum(data, count, MPI_FLOAT); });
}

void Ranks::sum(double* data, std::size_t count)
{
    m_state->together([&] { m_state->sum(data, count, MPI_DOUBLE); });
}

void Ranks::sumEverywhere(std::vector<double>& numbers)
{
    m_state->together([&] {
        m_state->sum(numbers.data(), numbers.size(), MPI_DOUBLE);
        m_state->broadcast(numbers.data(), numbers.size() * sizeof(double));
    });
}

bool Ranks::takesDeviceMemory() const
{
#if defined(OMPI_HAVE_MPI_EXT_CUDA)
    return MPIX_Query_cuda_support() == 1;
#else
    return false;
#endif
}

void Ranks::broadcastInPlace(void* data, std::size_t bytes)
{
    m_state->together([&] { m_state->broadcastInPlace(data, bytes); });
}

void Ranks::sumInPlace(float* data, std::size_t count)
{
    m_state->together([&] { m_state->sumInPlace(data, count, MPI_FLOAT); });
}

void Ranks::sumInPlace(double* data, std::size_t count)
{
    m_state->together([&] { m_state->sumInPlace(data, count, MPI_DOUBLE); });
}

void Ranks::waitUntil(const std::function<bool()>& done)
{
    m_state->together([&] { m_state->waitUntil(done, true); });
}

std::vector<std::string> Ranks::gather(const std::string& own)
{
    return m_state->together([&] { return m_state->gather(own); });
}

#else

struct Ranks::State {
    int rank = 0, size = 1;
    bool broken = false;
    std::vector<std::string> hosts;
    std::function<void()> poll;
};

Ranks::Ranks()
{
    throw Error("This engine was built without MPI, so several processes cannot share a run: start it alone, "
                "or build it "
                "where libopenmpi-dev is installed.");
}

Ranks::~Ranks() = default;
void Ranks::broadcast(void*, std::size_t) {}
void Ranks::broadcast(std::string&) {}
void Ranks::sum(float*, std::size_t) {}
void Ranks::sum(double*, std::size_t) {}
void Ranks::sumEverywhere(std::vector<double>&) {}
bool Ranks::takesDeviceMemory() const
{
    return false;
}
void Ranks::broadcastInPlace(void*, std::size_t) {}
void Ranks::sumInPlace(float*, std::size_t) {}
void Ranks::sumInPlace(double*, std::size_t) {}
void Ranks::waitUntil(const std::function<bool()>&) {}
std::vector<std::string> Ranks::gather(const std::string&)
{
    return {};
}

#endif

int Ranks::rank() const
{
    return m_state->rank;
}

int Ranks::size() const
{
    return m_state->size;
}

bool Ranks::broken() const
{
    return m_state->broken;
}

void Ranks::abandon()
{
    m_state->broken = true;
}

const std::string& Ranks::host(int rank) const
{
    return m_state->hosts.at(std::size_t(rank));
}

void Ranks::setPoll(std::function<void()> poll)
{
    m_state->poll = std::move(poll);
}

} // namespace lodestone
