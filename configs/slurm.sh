#!/bin/bash
# Trains one model on several machines under Slurm: sbatch configs/slurm.sh --dataset=data/mine.h5 --run=checkpoints/mine
# The folder of the project and of the run has to be on a file system that all machines see.
#SBATCH --job-name=calciumgan
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@120
# Add --gpus-per-task=1 for a GPU each.
set -euo pipefail
flags=("$@")
for flag in "${flags[@]}"; do
    # A job that is requeued goes on where it stopped.
    if [[ $flag == --run=* && -e ${flag#--run=}/config.json ]]; then
        flags=(--resume "$flag")
    fi
done
exec srun .venv/bin/python train.py "${flags[@]}"
