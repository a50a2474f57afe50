"""Source folders of the original programs instead of installed packages, for check_hand_off.py.

FOLDER holds clones named mace, e3nn, e3nn-0.4.4 (for MACE, which pins it), SevenNet, nequip (0.6), nequix,
opt_einsum and opt_einsum_fx. What Debian's python3-torch 1.13, python3-ase, python3-scipy, python3-pandas,
python3-yaml and python3-requests do not have is stood in for here, as small as loading and evaluating a model needs it;
nothing of the programs' own computation is replaced. Nequix has two implementations of its network; the one in PyTorch is taken,
its weights read from the file as its JAX loader orders them, because JAX is not in Debian.
"""
import importlib.metadata
import json
import os
import sys
import types


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made
    return made


def use(folder, family):
    """Puts the clones that a family needs on the path. Exits with a sentence where one is missing."""
    wanted = {"mace": ["e3nn-0.4.4", "mace"], "sevennet": ["e3nn", "SevenNet"], "nequip": ["e3nn", "nequip"],
              "nequix": ["e3nn", "nequix"]}[family] + ["opt_einsum", "opt_einsum_fx"]
    for name in wanted:
        path = os.path.join(folder, name)
        if not os.path.isdir(path):
            sys.exit(f"{path} is missing: a clone of the program of that name.")
        sys.path.insert(0, path)
    import torch

    if not hasattr(torch, "compiler"):
        torch.compiler = module("torch.compiler", disable=lambda f=None, **k: f if f else lambda g: g,
                                is_compiling=lambda: False)
    if not hasattr(torch, "_dynamo"):
        torch._dynamo = types.SimpleNamespace(OptimizedModule=type("OptimizedModule", (), {}))
    if not hasattr(torch, "concatenate"):
        torch.concatenate = torch.cat
    version = importlib.metadata.version
    importlib.metadata.version = lambda name: "0" if name in ("sevenn", "nequip") else version(name)
    neighbours()
    {"mace": for_mace, "sevennet": for_sevennet, "nequip": for_nequip, "nequix": for_nequix}[family](folder)


def neighbours():
    """matscipy's list, by ASE."""
    def neighbour_list(quantities, pbc=None, cell=None, positions=None, cutoff=None, **unused):
        from ase.neighborlist import primitive_neighbor_list

        return primitive_neighbor_list(quantities, pbc, cell, positions, cutoff, self_interaction=False)

    module("matscipy", neighbours=module("matscipy.neighbours", neighbour_list=neighbour_list))


def for_mace(folder):
    for name in ("torch_ema", "lmdb", "orjson", "hostlist", "configargparse", "git"):
        module(name, ExponentialMovingAverage=object)
    module("torchmetrics", Metric=object)


def for_sevennet(folder):
    import torch

    import ase.io.formats
    import ase.utils

    ase.utils.string2index = ase.io.formats.string2index  # where newer ASE has it
    load = torch.load
    torch.load = lambda *given, weights_only=False, **named: load(*given, **named)

    class Data(dict):
        """torch_geometric's graph, as far as evaluating one goes."""
        def __init__(self, x=None, edge_index=None, edge_attr=None, pos=None, **others):
            super().__init__({k: v for k, v in dict(x=x, edge_index=edge_index, edge_attr=edge_attr, pos=pos).items()
                              if v is not None}, **others)

        def to(self, device):
            return self

        def __getattr__(self, name):
            try:
                return self[name]
            except KeyError:
                raise AttributeError(name) from None

    data = module("torch_geometric.data", Data=Data)
    data.in_memory_dataset = module("torch_geometric.data.in_memory_dataset", InMemoryDataset=object)
    loader = module("torch_geometric.loader", DataLoader=object)
    loader.dataloader = module("torch_geometric.loader.dataloader", Collater=object)
    module("torch_geometric", data=data, loader=loader)
    module("braceexpand", braceexpand=lambda text: [text])
    module("sklearn", linear_model=module("sklearn.linear_model", Ridge=object))


def for_nequip(folder):
    import torch

    torch.__version__ = "1.13.1"  # which Debian's calls itself 1.13.0a0
    module("torch_runstats", RunningStats=object, Reduction=object)
    module("torch_runstats.scatter", scatter=None, scatter_mean=None, scatter_std=None)  # deployed models bring theirs
    module("wandb")
    module("torch_ema", ExponentialMovingAverage=object)


def for_nequix(folder):
    """Nequix without JAX: its PyTorch network behind ASE's interface."""
    import torch

    for name in ("nequix", "nequix.torch_impl"):  # their __init__ import JAX and set options of newer PyTorch
        module(name).__path__ = [os.path.join(folder, "nequix", *name.split("."))]
    grad = torch.autograd.grad
    torch.autograd.grad = lambda *given, materialize_grads=False, **named: grad(*given, **named)
    module("nequix.calculator", NequixCalculator=nequix_calculator)


def nequix_calculator(model_path, use_kernel):
    import numpy as np
    import torch
    from ase.calculators.calculator import Calculator
    from ase.geometry import complete_cell
    from ase.neighborlist import primitive_neighbor_list
    from nequix.torch_impl.model import NequixTorch

    with open(model_path, "rb") as file:
        config = json.loads(file.readline())
        leaves = []
        while file.peek(1)[:1] == b"\x93":
            leaves.append(np.load(file, allow_pickle=False))
    leaves = iter([leaf for leaf in leaves if leaf.ndim > 0])
    names = ("hidden_irreps lmax cutoff n_layers radial_basis_size radial_mlp_size radial_mlp_layers radial_polynomial_p "
             "mlp_init_scale index_weights layer_norm shift scale avg_n_neighbors").split()
    model = NequixTorch(n_species=len(config["atomic_numbers"]), atom_energies=next(leaves).tolist(),
                        **{name: config[name] for name in names})

    def take(like):
        pieces = []
        while sum(piece.size for piece in pieces) < like.numel():
            pieces.append(next(leaves))
        return torch.nn.Parameter(torch.tensor(np.concatenate([piece.ravel() for piece in pieces])).reshape(like.shape))

    for layer in model.layers:
        for radial in layer.radial_mlp.layers:
            radial.weights = take(radial.weights)
        for linear in (layer.linear_1, layer.linear_2, layer.skip):
            linear.weight = take(linear.weight)
        for i, weight in enumerate(layer.layer_norm.affine_weight):
            layer.layer_norm.affine_weight[i] = take(weight)
    model.readout.weight = take(model.readout.weight)
    model.eval()
    index = {z: i for i, z in enumerate(sorted(config["atomic_numbers"]))}

    class NequixCalculator(Calculator):
        implemented_properties = ["energy", "forces"]

        def calculate(self, atoms=None, properties=None, system_changes=None):
            super().calculate(atoms)
            cell = np.array(complete_cell(atoms.cell))
            i, j, shift = primitive_neighbor_list("ijS", atoms.pbc, cell, atoms.positions, config["cutoff"],
                                                  self_interaction=False)
            real = lambda values: torch.tensor(values, dtype=torch.float32)  # noqa: E731
            energies, forces, _ = model(
                species=torch.tensor([index[z] for z in atoms.numbers]), positions=real(atoms.positions),
                edge_attr=real(shift).reshape(-1, 3), edge_index=torch.tensor(np.stack([j, i])).long(), cell=real(cell)[None],
                n_node=torch.tensor([len(atoms)]), n_edge=torch.tensor([len(i)]),
                n_graph=torch.zeros(len(atoms), dtype=torch.long))
            self.results = {"energy": float(energies.double().sum()), "forces": forces.detach().numpy().astype(float)}

    return NequixCalculator()
