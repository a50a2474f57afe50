#include "finetune/rank_work.h"
#include "finetune/divergence.h"
#include "finetune/edge_budget.h"
#include "finetune/rank_packing.h"

#include <algorithm>
#include <array>
#include <c10/util/Exception.h>
#include <new>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// Loss and its parts, in this order; undefined ones are told apart by a count.
std::array<torch::Tensor*, 6> partsOf(LossValue& loss)
{
    return {&loss.total, &loss.energy, &loss.forces, &loss.stress, &loss.moments, &loss.magneticForces};
}

std::array<double*, 5> numbersOf(LabelSums& sums)
{
    return {&sums.energy, &sums.forces, &sums.stress, &sums.moments, &sums.magneticForces};
}

LabelSums sumOfLabels(Ranks& ranks, LabelSums own)
{
    std::vector<double> numbers;
    for (const double* number : numbersOf(own))
        numbers.push_back(*number);
    ranks.sumEverywhere(numbers);
    std::size_t i = 0;
    for (double* number : numbersOf(own))
        *number = numbers[i++];
    return own;
}

std::vector<std::vector<double>*> listsOf(SplitPrediction& p)
{
    return {&p.energy, &p.forces, &p.stress, &p.moments, &p.momentVectors, &p.magneticForces};
}

/// Every process computes its piece; the leader joins them in order.
template<class Piece>
Piece together(Ranks& ranks, const FrameGraphs& graphs,
               const std::function<Piece(const std::vector<std::size_t>&)>& compute,
               const std::function<std::string(Piece&)>& pack,
               const std::function<Piece(const std::string&)>& read)
{
    const auto pieces = piecesByEdges(graphs, ranks.size());
    Trouble trouble;
    std::string own;
    trouble.watch([&] {
        Piece piece = compute(pieces[std::size_t(ranks.rank())]);
        own = pack(piece);
    });
    Piece all;
    if (!trouble.agreeOn(ranks))
        return all;
    for (const std::string& bytes : ranks.gather(own))
        append(all, read(bytes));
    return all;
}

} // namespace

void Trouble::watch(const std::function<void()>& work)
{
    if (m_kind != None)
        return;
    try {
        work();
    } catch (const Stopped&) {
        m_kind = Stop;
    } catch (const Diverged& e) {
        m_kind = Loss;
        m_text = e.what();
    } catch (const Error& e) {
        m_kind = Fault;
        m_text = e.what();
        m_exitCode = e.exitCode();
    } catch (const std::exception& e) {
        m_kind = saysOutOfMemory(e) ? Memory : Fault;
        const auto* const torchError = dynamic_cast<const c10::Error*>(&e);
        m_text = torchError ? torchError->what_without_backtrace() : e.what();
        m_exitCode = 4;
    }
}

bool Trouble::agreeOn(Ranks& ranks) const
{
    std::vector<double> counts(kinds, 0);
    if (m_kind != None)
        counts[std::size_t(m_kind)] = 1;
    ranks.sumEverywhere(counts);
    if (counts == std::vector<double>(kinds, 0))
        return true;
    const auto texts = ranks.gather(fmt::format("{} {} {}", int(m_kind), m_exitCode, m_text));
    if (!ranks.leads())
        return false;
    if (m_kind == Stop)
        throw Stopped();
    for (const Kind kind : {Fault, Memory, Loss})
        for (std::size_t rank = 0; rank < texts.size() && counts[std::size_t(kind)] > 0; ++rank) {
            const std::string& text = texts[rank];
            const auto first = text.find(' '), second = text.find(' ', first + 1);
            if (std::stoi(text) != kind)
                continue;
            const std::string sentence = text.substr(second + 1);
            if (kind == Memory)
                throw std::bad_alloc();
            if (kind == Loss)
                throw Diverged(sentence);
            const std::string named = rank == 0 ? sentence
                                                : fmt::format("Process {} of {} (on {}): {}", rank,
                                                              ranks.size(), ranks.host(int(rank)), sentence);
            if (std::stoi(text.substr(first + 1)) == 4)
                throw InternalError(named);
            throw Error(named);
        }
    throw InternalError("A process of the run stopped by itself.");
}

Learner::Step stepTogether(RankTensors& tensors, const Learner& learner,
                           const std::function<const std::vector<StepBatch>&()>& parts,
                           std::int64_t stepNumber)
{
    Ranks& ranks = tensors.ranks();
    Trouble trouble;
    const std::vector<StepBatch>* own = nullptr;
    LabelSums sums;
    trouble.watch([&] {
        own = &parts();
        sums = labelSums(*own);
    });
    sums = sumOfLabels(ranks, sums);
    Learner::Step step;
    torch::Tensor gradients;
    std::vector<double>
        numbers; // of every part of the loss value and whether it is there, then of every gradient
    torch::Device device = torch::kCPU;
    trouble.watch([&] {
        step = learner.differentiateShare(*own, sums, stepNumber);
        for (const torch::Tensor* part : partsOf(step.loss)) {
            numbers.push_back(part->defined() ? part->item<double>() : 0.0);
            numbers.push_back(part->defined());
        }
        for (const torch::Tensor& gradient : step.gradients)
            numbers.push_back(gradient.defined());
        gradients = learner.gradientsOf(step);
        device = gradients.device();
        gradients = tensors.ready(gradients);
    });
    if (!trouble.agreeOn(ranks))
        return {};
    ranks.sum(numbers.data(), numbers.size());
    tensors.sum(gradients);
    if (!ranks.leads())
        return {};
    std::size_t i = 0;
    for (torch::Tensor* part : partsOf(step.loss)) {
        *part = numbers[i + 1] > 0 ? torch::tensor(numbers[i], torch::kFloat64) : torch::Tensor();
        i += 2;
    }
    std::vector<bool> present;
    for (; i < numbers.size(); ++i)
        present.push_back(numbers[i] > 0);
    step.gradients = learner.gradientsFrom(gradients.to(device), present);
    return step;
}

std::vector<std::vector<std::size_t>> piecesByEdges(const FrameGraphs& graphs, int processes)
{
    double all = 0;
    for (std::size_t i = 0; i < graphs.size(); ++i)
        all += double(graphs.edges(i)) + 1;
    std::vector<std::vector<std::size_t>> pieces(static_cast<std::size_t>(processes));
    double before = 0;
    for (std::size_t i = 0; i < graphs.size(); ++i) {
        const double own = double(graphs.edges(i)) + 1;
        // By the middle of the frame, so that pieces differ by a frame at most.
        const auto piece = std::size_t((before + own / 2) / all * processes);
        pieces[std::min(piece, pieces.size() - 1)].push_back(i);
        before += own;
    }
    return pieces;
}

SplitPrediction
predictTogether(Ranks& ranks, const FrameGraphs& graphs,
                const std::function<SplitPrediction(const std::vector<std::size_t>&)>& predict)
{
    return together<SplitPrediction>(
        ranks, graphs, predict,
        [](SplitPrediction& piece) {
            const auto lists = listsOf(piece);
            return packed({lists.begin(), lists.end()});
        },
        [](const std::string& bytes) {
            SplitPrediction piece;
            unpack(bytes, listsOf(piece));
            return piece;
        });
}

SurveySums surveyTogether(Ranks& ranks, const FrameGraphs& graphs,
                          const std::function<SurveySums(const std::vector<std::size_t>&)>& survey)
{
    return together<SurveySums>(
        ranks, graphs, survey,
        [](SurveySums& piece) {
            const std::vector<double> atoms = {piece.atoms};
            return packed({&piece.energy, &piece.sum, &piece.squares, &atoms});
        },
        [](const std::string& bytes) {
            SurveySums piece;
            std::vector<double> atoms;
            unpack(bytes, {&piece.energy, &piece.sum, &piece.squares, &atoms});
            piece.atoms = atoms.empty() ? 0 : atoms.front();
            return piece;
        });
}

} // namespace lodestone
