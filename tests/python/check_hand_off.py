#!/usr/bin/env python3
"""Loads a model file with the program that made its family and compares energies and forces with Lodestone's.

    check_hand_off.py MODEL FRAMES [--engine PATH] [--head NAME] [--clones FOLDER] [--frames N] [--loose]

MODEL: a file that `lodestone-engine export` wrote, or any other that it reads. FRAMES: structures that ASE reads and
the engine too, for example extended XYZ. Needs ASE, NumPy and the family's own package: mace-torch, sevenn, nequip (0.6 or earlier
for deployed models, 0.7 or later for packages) or nequix. --clones uses source folders instead of installed packages (upstream_clones.py).

Prints one line and exits with 0 where the largest differences are within the tolerances below, else with 1. The engine
computes without tables of radial functions and in the precision of the original's calculator, so that rounding alone
is left. --loose multiplies the tolerances by ten: for strongly compressed structures in float32.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings

# eV/atom, and eV/Angstrom over the larger of 1 and the largest force of the frame. In float32 these are about twice the
# originals' own distance from their float64; in float64 what coupling constants that a file stores in float32 leave.
TOLERANCES = {"float32": (5e-6, 3e-5), "float64": (1e-6, 1e-6)}


def mace(path, head):
    from mace.calculators import MACECalculator

    return MACECalculator(model_paths=path, device="cpu", default_dtype="float64", **({"head": head} if head else {})), "float64"


def deployed_sevennet(path):
    """TorchScript that SevenNet deployed in 2024: positions for input, forces in the output; PyTorch alone runs it."""
    import numpy as np
    import torch
    from ase.calculators.calculator import Calculator
    from ase.neighborlist import neighbor_list

    records = {"chemical_symbols_to_index": "", "cutoff": ""}
    model = torch.jit.load(path, map_location="cpu", _extra_files=records)
    symbols = records["chemical_symbols_to_index"].decode().split()

    def real(values):
        return torch.tensor(np.asarray(values), dtype=torch.float32)

    class Deployed(Calculator):
        implemented_properties = ["energy", "forces"]

        def calculate(self, atoms=None, properties=None, system_changes=None):
            super().calculate(atoms)
            centres, neighbours, shifts = neighbor_list("ijS", atoms, float(records["cutoff"]))
            with torch.jit.optimized_execution(False):  # optimising takes minutes
                answer = model({"x": torch.tensor([symbols.index(symbol) for symbol in atoms.symbols]),
                                "pos": real(atoms.positions).requires_grad_(), "pbc_shift": real(shifts),
                                "edge_index": torch.tensor(np.stack([centres, neighbours])),
                                "cell_lattice_vectors": real(atoms.cell.array), "cell_volume": real(atoms.get_volume())})
            self.results = {"energy": float(answer["inferred_total_energy"].sum()),
                            "forces": answer["inferred_force"].detach().numpy().astype(float)}

    return Deployed()


def sevennet(path, head):
    if path.endswith(".pt"):
        return deployed_sevennet(path), "float32"
    from sevenn.calculator import SevenNetCalculator

    return SevenNetCalculator(path, device="cpu", modal=head), "float32"


def nequix(path, head):
    from nequix.calculator import NequixCalculator

    return NequixCalculator(model_path=path, use_kernel=False), "float32"


def nequip(path, head):
    if path.endswith(".nequip.zip"):
        from nequip.integrations.ase import NequIPCalculator

        # Without compiling it first: the package's own code computes.
        calculator = NequIPCalculator._from_saved_model(path, device="cpu", chemical_species_to_atom_type_map=True)
        return calculator, str(calculator.model.model_dtype).removeprefix("torch.")
    from nequip.ase import NequIPCalculator

    return NequIPCalculator.from_deployed_model(path, device="cpu", set_global_options=True), "float64"


ORIGINALS = {"mace": mace, "sevennet": sevennet, "nequix": nequix, "nequip": nequip}


def main():
    parser = argparse.ArgumentParser(description="Compares a model file in its original program with Lodestone.")
    parser.add_argument("model")
    parser.add_argument("frames_file", metavar="FRAMES")
    parser.add_argument("--engine", default=os.environ.get("LODESTONE_ENGINE", "lodestone-engine"))
    parser.add_argument("--head")
    parser.add_argument("--clones")
    parser.add_argument("--frames", type=int, default=0, help="the first so many frames (0: all)")
    parser.add_argument("--loose", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")

    about = json.loads(subprocess.run([options.engine, "inspect", options.model, "--json"], check=True,
                                      stdout=subprocess.PIPE).stdout)
    family = about["family"]
    if options.clones:
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import upstream_clones

        upstream_clones.use(options.clones, family, packaged=options.model.endswith(".nequip.zip"))
    import ase.io
    import numpy as np

    calculator, dtype = ORIGINALS[family](options.model, options.head)
    frames = ase.io.read(options.frames_file, f":{options.frames or ''}")
    with tempfile.TemporaryDirectory() as folder:
        given, predicted = os.path.join(folder, "given.extxyz"), os.path.join(folder, "predicted.extxyz")
        for atoms in frames:
            atoms.calc = None
        ase.io.write(given, frames, columns=["symbols", "positions"], write_info=False)
        frames = ase.io.read(given, ":")  # positions as rounded there, for both
        command = [options.engine, "predict", options.model, given, "-o", predicted, "--dtype", dtype,
                   "--no-radial-tables", "--device", "cpu", "--log-level", "warning"]
        subprocess.run(command + (["--head", options.head] if options.head else []), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ours = ase.io.read(predicted, ":")
    worst_energy = worst_force = 0.0
    for atoms, own in zip(frames, ours):
        atoms.calc = calculator
        energy = abs(atoms.get_potential_energy() - own.get_potential_energy()) / len(atoms)
        forces = np.abs(atoms.get_forces() - own.get_forces()).max()
        worst_energy = max(worst_energy, energy)
        worst_force = max(worst_force, forces / max(1.0, np.abs(own.get_forces()).max()))
    limits = [limit * (10 if options.loose else 1) for limit in TOLERANCES[dtype]]
    passed = worst_energy <= limits[0] and worst_force <= limits[1]
    print(f"{'same' if passed else 'DIFFERENT'}: {family} {os.path.basename(options.model)}, {len(frames)} frames, {dtype}: "
          f"energy {worst_energy:.1e} eV/atom (limit {limits[0]:.0e}), forces {worst_force:.1e} (limit {limits[1]:.0e})")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
