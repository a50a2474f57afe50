#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lodestone {

/// The processes of one run, started together by mpirun or srun; process 0 leads. Every operation is one of
/// all of them: each has to call the same ones in the same order. What a process waits for may take as long
/// as a step of another, so it sleeps, and looks every now and then whether those on its machine still live.
/// An operation that fails, or is left by an exception of the poll, leaves the group broken: nothing more can
/// be said to the others. One thread at a time.
class Ranks {
public:
    /// Joins the others. Error where this engine was built without MPI, or MPI does not start. Once in a
    /// process.
    Ranks();
    /// Leaves: waits until all do, unless the group is broken.
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    int rank() const;
    int size() const;
    bool leads() const { return rank() == 0; }
    bool broken() const;
    /// For a process that cannot go on: the group is broken, its leader will notice that this process has
    /// ended.
    void abandon();
    const std::string& host(int rank) const;

    /// Called every 20 ms of waiting; may throw.
    void setPoll(std::function<void()> poll);

    /// Process 0's bytes, to all.
    void broadcast(void* data, std::size_t bytes);
    void broadcast(std::string& text);
    /// Sums over all processes: at process 0 (elsewhere `data` stays), or everywhere. The order of summation
    /// depends on the number of processes alone.
    void sum(float* data, std::size_t count);
    void sum(double* data, std::size_t count);
    void sumEverywhere(std::vector<double>& numbers);

    /// Whether MPI says that it takes the memory of CUDA devices.
    bool takesDeviceMemory() const;
    /// The same for memory that may be a device's. By MPI's blocking operations, since Open MPI takes no such
    /// memory in others: the process sleeps until all have come, but not within the operation.
    void broadcastInPlace(void* data, std::size_t bytes);
    void sumInPlace(float* data, std::size_t count);
    void sumInPlace(double* data, std::size_t count);
    /// Waits for what the processes do together by other means than MPI.
    void waitUntil(const std::function<bool()>& done);

    /// What each process gives, in the order of processes; at process 0, elsewhere empty.
    std::vector<std::string> gather(const std::string& own);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lodestone
